//! Where a link leads, from page to page or from notebook to notebook. Knows
//! paths only, and no files.

use crate::notebook;
use std::path::{Component, Path, PathBuf};

/// The same path without `.` and `..`, as a browser makes it.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

/// What mdBook calls each heading of a chapter, in their order.
pub fn heading_ids(content: &str) -> Vec<String> {
    notebook::heading_ids(content)
}
