//! What the book's tests and its benchmark share.

pub mod server;

use interleaved::workspace::Workspace;
use std::path::Path;

/// The workspace that these tests are part of, and its book.
pub fn workspace() -> Workspace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in a folder of the workspace");
    Workspace {
        root: root.to_owned(),
        book: root.join("book"),
    }
}
