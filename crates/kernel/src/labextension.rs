//! What JupyterLab steps through a trace with: a prebuilt extension of it,
//! installed with the kernel.
//!
//! It draws with the scripts and styles of the book's page, which are taken as
//! they are from the folder of `mdbook-interleaved` when this is built. Only
//! `labextension/trace.js` is its own; no Node.js and no bundler take part.
//! <https://jupyterlab.readthedocs.io/en/stable/extension/extension_dev.html>

use serde_json::{Value, json};

/// What JupyterLab calls it.
pub(crate) const NAME: &str = "@interleaved/trace";

/// The script of which `package.json` says that it is to be loaded.
const SCRIPT: &str = "static/trace.js";

macro_rules! of_the_page {
    ($($file:literal)*) => {
        concat!($(include_str!(concat!("labextension/page/", $file))),*)
    };
}

/// In the order of their uses. They meet in `window.interleaved`.
const SCRIPTS: &str = of_the_page!(
    "direction.js" "endings.js" "elements.js" "story.js" "source-lines.js" "diagram.js"
    "execution-copy.js" "step-through.js"
);

const STYLES: &str = of_the_page!("colours.css" "theme.css" "listing.css" "outcomes.css");

const OWN_SCRIPT: &str = include_str!("labextension/trace.js");

/// The extension's files: the path of each in its folder, and its text.
pub(crate) fn files() -> [(&'static str, String); 2] {
    [
        ("package.json", format!("{:#}\n", package())),
        (SCRIPT, script()),
    ]
}

fn package() -> Value {
    json!({
        "name": NAME,
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Steps through an execution of a Rust program, and formats a cell",
        "license": env!("CARGO_PKG_LICENSE"),
        "jupyterlab": {
            "mimeExtension": true,
            "extension": true,
            "_build": {
                "load": SCRIPT,
                "mimeExtension": "./mimeExtension",
                "extension": "./extension",
            },
        },
    })
}

/// One function, so that nothing of it is anyone else's. To the page's scripts
/// a `window` is where they meet, and what scrolls can be focused.
fn script() -> String {
    let styles = json!(STYLES).to_string();
    let own = OWN_SCRIPT.replacen("__STYLES__", &styles, 1);
    format!(
        "((lab) => {{\nconst window = {{ interleaved: {{ scrollable() {{}} }} }};\n\
         {SCRIPTS}{own}\n}})(window);\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_what_the_package_names() {
        let [(_, package), (script, text)] = files();
        let package: Value = serde_json::from_str(&package).unwrap();
        assert_eq!(package["jupyterlab"]["_build"]["load"], script);
        assert!(text.contains(&format!("lab._JUPYTERLAB[\"{NAME}\"]")));
        assert!(text.contains(&format!("\"{}\"", crate::trace::MIME)));
        assert!(!text.contains("__STYLES__"));
        assert!(text.contains(".steps-row"), "the page's styles");
    }

    /// What a script takes from another as it is loaded is there by then.
    #[test]
    fn scripts_come_in_the_order_of_their_uses() {
        const TAKES: &str = "} = window.interleaved.";
        for (place, _) in SCRIPTS.match_indices(TAKES) {
            let rest = &SCRIPTS[place + TAKES.len()..];
            let (name, _) = rest.split_once([';', '.']).unwrap();
            let gives = format!("window.interleaved.{name} = ");
            assert!(SCRIPTS[..place].contains(&gives), "who gives {name}?");
        }
    }
}
