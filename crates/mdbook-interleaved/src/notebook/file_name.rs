//! What a chapter's notebook is called.

use std::path::{Path, PathBuf};

/// The file of a chapter's notebook, as mdBook names that of its page.
pub(crate) fn file_of(chapter: &Path) -> PathBuf {
    let is_readme = chapter
        .file_stem()
        .is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    match is_readme {
        true => chapter.with_file_name("index.ipynb"),
        false => chapter.with_extension("ipynb"),
    }
}
