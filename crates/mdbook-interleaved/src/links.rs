//! Where a link leads, from page to page or from notebook to notebook. Knows
//! paths only, and no files.

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
