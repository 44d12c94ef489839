//! The page's scripts and styles: written into the book's `src`, from where
//! mdBook copies them into the site, and named by every chapter.

use crate::escape::escape;
use crate::whole_file;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The folder in the book's `src` for what a page needs and nobody wrote.
pub(crate) const FOLDER: &str = "interleaved";

const BEFORE_MDBOOK: &str = "before-mdbook.js";
const SCRIPT: &str = "page.js";
const STYLE: &str = "page.css";
const THEME: &str = "theme.css";

/// Each script is wrapped in a function of its own; they meet in
/// `window.interleaved`. The order is that of their uses.
const FILES: [(&str, &str); 4] = [
    (BEFORE_MDBOOK, include_str!("../assets/before-mdbook.js")),
    (
        SCRIPT,
        concat!(
            // The page that prints all chapters has the scripts of each.
            "if (!window.interleaved.hasPage) {\nwindow.interleaved.hasPage = true;\n",
            include_str!("../assets/direction.js"),
            include_str!("../assets/tab-store.js"),
            include_str!("../assets/ansi.js"),
            include_str!("../assets/kernel-client.js"),
            include_str!("../assets/run-here.js"),
            include_str!("../assets/endings.js"),
            include_str!("../assets/output.js"),
            include_str!("../assets/help.js"),
            include_str!("../assets/elements.js"),
            include_str!("../assets/progress.js"),
            include_str!("../assets/graph.js"),
            include_str!("../assets/story.js"),
            include_str!("../assets/why-not.js"),
            include_str!("../assets/question.js"),
            include_str!("../assets/outcomes.js"),
            include_str!("../assets/source-lines.js"),
            include_str!("../assets/diagram.js"),
            include_str!("../assets/circle.js"),
            include_str!("../assets/standstill.js"),
            include_str!("../assets/output-strip.js"),
            include_str!("../assets/previews.js"),
            include_str!("../assets/all-outcomes.js"),
            include_str!("../assets/runs.js"),
            include_str!("../assets/execution-copy.js"),
            include_str!("../assets/step-through.js"),
            include_str!("../assets/compare.js"),
            include_str!("../assets/scheduler.js"),
            include_str!("../assets/possible.js"),
            include_str!("../assets/stepping-layout.js"),
            include_str!("../assets/outcomes-tools.js"),
            include_str!("../assets/fence.js"),
            include_str!("../assets/plain-editor.js"),
            include_str!("../assets/listing.js"),
            include_str!("../assets/execution-link.js"),
            include_str!("../assets/names.js"),
            include_str!("../assets/keys.js"),
            include_str!("../assets/quiz.js"),
            include_str!("../assets/goals.js"),
            include_str!("../assets/program-words.js"),
            include_str!("../assets/exercise.js"),
            include_str!("../assets/chapters-done.js"),
            include_str!("../assets/where-you-were.js"),
            include_str!("../assets/accessibility.js"),
            include_str!("../assets/menu-bar.js"),
            include_str!("../assets/live-reload.js"),
            "}\n",
        ),
    ),
    (
        STYLE,
        concat!(
            include_str!("../assets/colours.css"),
            include_str!("../assets/listing.css"),
            include_str!("../assets/outcomes.css"),
            include_str!("../assets/stepping.css"),
            include_str!("../assets/compare.css"),
            include_str!("../assets/names.css"),
            include_str!("../assets/exercise.css"),
            include_str!("../assets/quiz.css"),
            include_str!("../assets/progress.css"),
            include_str!("../assets/chart.css"),
            include_str!("../assets/notebook.css"),
            include_str!("../assets/print.css"),
        ),
    ),
    (THEME, include_str!("../assets/theme.css")),
];

/// Writes the files that differ from what is there: what `mdbook watch` sees
/// change, it builds again.
///
/// # Errors
/// Says which file could not be written.
pub(crate) fn write(source: &Path) -> Result<()> {
    let folder = source.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in FILES {
        let path = folder.join(name);
        whole_file::write(&path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// A chapter that names them. `up` leads from it to the site's root, and `outcomes` to
/// the folder with what can come of its programs, if they are explored. The styles
/// come first, so that nothing jumps; the scripts before and after mdBook's own,
/// which are at the page's end.
pub(crate) fn with_scripts(content: &str, up: &str, theme: bool, outcomes: Option<&str>) -> String {
    let address = |name: &str| {
        let text = FILES
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, text)| text);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        // mdBook doesn't name what it copies for its contents.
        format!("{up}{FOLDER}/{name}?{:016x}", hasher.finish())
    };
    let style = |name| format!("<link rel=\"stylesheet\" href=\"{}\">", address(name));
    let (theme, marked) = match theme {
        true => (style(THEME), " data-theme"),
        false => (String::new(), ""),
    };
    let wanted = outcomes.map_or_else(String::new, |folder| {
        format!(" data-outcomes=\"{}\"", escape(folder))
    });
    format!(
        "<div class=\"interleaved-parts\" hidden>{theme}{}<script src=\"{}\"{marked}{wanted}></script>\
         <script defer src=\"{}\"></script></div>\n\n{content}",
        style(STYLE),
        address(BEFORE_MDBOOK),
        address(SCRIPT),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script takes from another as it is loaded is there by then.
    #[test]
    fn scripts_come_in_the_order_of_their_uses() {
        const TAKES: &str = "} = window.interleaved";
        // Those of a page come with the first one.
        let page = ["hasTheme", "exploresFences"];
        let text = |wanted| FILES.iter().find(|(name, _)| *name == wanted).unwrap().1;
        let scripts = text(SCRIPT);
        let mut seen = 0;
        for (end, _) in scripts.match_indices(TAKES) {
            let Some(start) = scripts[..end].rfind("\n  const {") else {
                continue;
            };
            let taken = &scripts[start + "\n  const {".len()..end];
            if taken.contains(['}', ';']) {
                // Within a function, which is called later.
                continue;
            }
            let whole = &scripts[end + TAKES.len()..];
            let names: Vec<&str> = match whole.strip_prefix('.') {
                Some(rest) => rest.split(';').take(1).collect(),
                None => taken.split(',').map(str::trim).collect(),
            };
            for name in names.into_iter().filter(|name| !page.contains(name)) {
                let gives = format!("window.interleaved.{name} = ");
                assert!(scripts[..start].contains(&gives), "who gives {name}?");
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }
}
