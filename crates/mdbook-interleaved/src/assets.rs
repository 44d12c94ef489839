//! The page's scripts and styles: written into the book's `src`, from where
//! mdBook copies them into the site, and named by every chapter.

use crate::escape::escape;
use crate::whole_file;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::LazyLock;

/// The folder in the book's `src` for what a page needs and nobody wrote.
pub(crate) const FOLDER: &str = "interleaved";

const BEFORE_MDBOOK: &str = "before-mdbook.js";
const SCRIPT: &str = "page.js";
const TOOLS: &str = "tools.js";
const STYLE: &str = "page.css";
/// The same, and the whole page's look, which an author may want.
const BOOK_STYLE: &str = "book.css";

/// What a page needs as soon as it is there. Each script is wrapped in a function of
/// its own; they meet in `window.interleaved`. The order is that of their uses.
const OF_THE_PAGE: &[&str] = &[
    include_str!("../assets/direction.js"),
    include_str!("../assets/tab-store.js"),
    include_str!("../assets/load.js"),
    include_str!("../assets/offline.js"),
    include_str!("../assets/elements.js"),
    include_str!("../assets/scrollable.js"),
    include_str!("../assets/progress.js"),
    include_str!("../assets/endings.js"),
    include_str!("../assets/fence.js"),
    include_str!("../assets/plain-editor.js"),
    include_str!("../assets/deferred-editor.js"),
    include_str!("../assets/outcomes-tools.js"),
    include_str!("../assets/listing.js"),
    include_str!("../assets/execution-link.js"),
    include_str!("../assets/program-words.js"),
    include_str!("../assets/lines-kept.js"),
    include_str!("../assets/names.js"),
    include_str!("../assets/keys.js"),
    include_str!("../assets/quiz.js"),
    include_str!("../assets/goals.js"),
    include_str!("../assets/exercise.js"),
    include_str!("../assets/chapters-done.js"),
    include_str!("../assets/where-you-were.js"),
    include_str!("../assets/accessibility.js"),
    include_str!("../assets/menu-bar.js"),
    include_str!("../assets/notebook-link.js"),
    include_str!("../assets/search-when-wanted.js"),
    include_str!("../assets/live-reload.js"),
];

/// What runs programs and explores them: loaded when a reader first wants that.
const OF_THE_TOOLS: &[&str] = &[
    include_str!("../assets/ansi.js"),
    include_str!("../assets/server-of-your-own.js"),
    include_str!("../assets/kernel-client.js"),
    include_str!("../assets/playground.js"),
    include_str!("../assets/run-here.js"),
    include_str!("../assets/output.js"),
    include_str!("../assets/help.js"),
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
];

const STYLES: &[&str] = &[
    include_str!("../assets/colours.css"),
    include_str!("../assets/listing.css"),
    include_str!("../assets/outcomes.css"),
    include_str!("../assets/stepping.css"),
    include_str!("../assets/compare.css"),
    include_str!("../assets/names.css"),
    include_str!("../assets/exercise.css"),
    include_str!("../assets/quiz.css"),
    include_str!("../assets/progress.css"),
    include_str!("../assets/search.css"),
    include_str!("../assets/chart.css"),
    include_str!("../assets/notebook.css"),
    include_str!("../assets/print.css"),
];

/// The files, and what is in them.
static FILES: LazyLock<[(&str, String); 5]> = LazyLock::new(|| {
    [
        (
            BEFORE_MDBOOK,
            script(&[include_str!("../assets/before-mdbook.js")]),
        ),
        (SCRIPT, once(OF_THE_PAGE, "hasPage")),
        (TOOLS, once(OF_THE_TOOLS, "hasTools")),
        (STYLE, styles(STYLES)),
        (
            BOOK_STYLE,
            styles(&[&[include_str!("../assets/theme.css")], STYLES].concat()),
        ),
    ]
});

/// Scripts that run once: the page that prints all chapters has those of each.
fn once(scripts: &[&str], mark: &str) -> String {
    let scripts = script(scripts);
    format!("if (!window.interleaved.{mark}) {{\nwindow.interleaved.{mark} = true;\n{scripts}}}\n")
}

/// Scripts without what only their authors need: comments, which have lines of their
/// own, and the indentation, since no string goes over several lines.
fn script(scripts: &[&str]) -> String {
    let lines = scripts.iter().flat_map(|script| script.lines());
    let lines = lines.map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The same of styles.
fn styles(styles: &[&str]) -> String {
    let mut all = String::new();
    for style in styles {
        let mut rest = *style;
        while let Some((before, comment)) = rest.split_once("/*") {
            all += before;
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        }
        all += rest;
    }
    let lines = all.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::new(), |all, line| all + line + "\n")
}

/// Writes the files that differ from what is there: what `mdbook watch` sees
/// change, it builds again.
///
/// # Errors
/// Says which file could not be written.
pub(crate) fn write(source: &Path) -> Result<()> {
    let folder = source.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in FILES.iter() {
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
    let (styles, marked) = match theme {
        true => (BOOK_STYLE, " data-theme"),
        false => (STYLE, ""),
    };
    let wanted = outcomes.map_or_else(String::new, |folder| {
        format!(" data-outcomes=\"{}\"", escape(folder))
    });
    format!(
        "<div class=\"interleaved-parts\" hidden>{}<script src=\"{}\"{marked}{wanted}></script>\
         <script defer src=\"{}\" data-tools=\"{}\"></script></div>\n\n{content}",
        style(styles),
        address(BEFORE_MDBOOK),
        address(SCRIPT),
        address(TOOLS),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKES: &str = "} = window.interleaved";

    /// What a script takes from others as it is loaded.
    fn taken(script: &str) -> Vec<String> {
        let mut all = Vec::new();
        for (end, _) in script.match_indices(TAKES) {
            let Some(start) = script[..end].rfind("\n  const {") else {
                continue;
            };
            let names = &script[start + "\n  const {".len()..end];
            if names.contains(['}', ';']) {
                // Within a function, which is called later.
                continue;
            }
            let whole = &script[end + TAKES.len()..];
            match whole.strip_prefix('.') {
                Some(rest) => all.extend(rest.split(';').take(1).map(str::to_owned)),
                None => all.extend(names.split(',').map(|name| name.trim().to_owned())),
            }
        }
        all
    }

    /// What a script takes from another as it is loaded is there by then; and the tools
    /// come last, if at all.
    #[test]
    fn scripts_come_in_the_order_of_their_uses() {
        // Those of a page come with the first one.
        let first = [
            "hasTheme",
            "exploresFences",
            "deferred",
            "service",
            "version",
        ];
        let mut before = String::new();
        let mut seen = 0;
        for script in OF_THE_PAGE.iter().chain(OF_THE_TOOLS) {
            for name in taken(script) {
                let gives = format!("window.interleaved.{name} = ");
                let is_there = before.contains(&gives) || first.contains(&&*name);
                assert!(is_there, "who gives {name}?\n{script}");
                seen += 1;
            }
            before += script;
        }
        assert!(seen > 50, "{seen}");
    }

    /// Or trimming its lines would change it.
    #[test]
    fn no_string_goes_over_several_lines() {
        for script in OF_THE_PAGE.iter().chain(OF_THE_TOOLS) {
            for line in script.lines().filter(|it| !it.trim().starts_with("//")) {
                // A pattern may look for one.
                let marks = line.replace("\"`\"", "").matches('`').count();
                assert!(marks.is_multiple_of(2) && !line.ends_with('\\'), "{line}");
            }
        }
    }

    #[test]
    fn comments_are_left_out() {
        for (name, text) in FILES.iter() {
            assert!(!text.contains("\n// ") && !text.contains("/* "), "{name}");
            assert!(!text.contains("\n\n") && !text.contains("\n "), "{name}");
        }
        let text = styles(&["/* one\ntwo */\na {\n  b: c;\n}\n/* last */"]);
        assert_eq!(text, "a {\nb: c;\n}\n");
        assert_eq!(script(&["// x\n  a();\n\n"]), "a();\n");
    }
}
