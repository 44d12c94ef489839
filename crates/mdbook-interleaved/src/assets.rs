//! The page's scripts and styles, written where `book.toml` names them.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Each script is wrapped in a function of its own; they meet in
/// `window.interleaved`. The order is that of their uses.
const FILES: [(&str, &str); 3] = [
    (
        "before-mdbook.js",
        include_str!("../assets/before-mdbook.js"),
    ),
    (
        "page.js",
        concat!(
            include_str!("../assets/direction.js"),
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
            include_str!("../assets/all-outcomes.js"),
            include_str!("../assets/runs.js"),
            include_str!("../assets/execution-copy.js"),
            include_str!("../assets/step-through.js"),
            include_str!("../assets/compare.js"),
            include_str!("../assets/scheduler.js"),
            include_str!("../assets/possible.js"),
            include_str!("../assets/stepping-layout.js"),
            include_str!("../assets/outcomes-tools.js"),
            include_str!("../assets/listing.js"),
            include_str!("../assets/execution-link.js"),
            include_str!("../assets/keys.js"),
            include_str!("../assets/quiz.js"),
            include_str!("../assets/goals.js"),
            include_str!("../assets/exercise.js"),
            include_str!("../assets/chapters-done.js"),
            include_str!("../assets/where-you-were.js"),
            include_str!("../assets/accessibility.js"),
            include_str!("../assets/menu-bar.js"),
            include_str!("../assets/live-reload.js"),
        ),
    ),
    (
        "page.css",
        concat!(
            include_str!("../assets/theme.css"),
            include_str!("../assets/listing.css"),
            include_str!("../assets/outcomes.css"),
            include_str!("../assets/stepping.css"),
            include_str!("../assets/compare.css"),
            include_str!("../assets/exercise.css"),
            include_str!("../assets/quiz.css"),
            include_str!("../assets/progress.css"),
            include_str!("../assets/chart.css"),
            include_str!("../assets/notebook.css"),
            include_str!("../assets/print.css"),
        ),
    ),
];

/// Writes the files that differ from what is there: what `mdbook watch` sees
/// change, it builds again.
///
/// # Errors
/// Says which file could not be written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in FILES {
        let path = folder.join(name);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
