//! What the book's tests and its benchmark share.

pub mod order;
pub mod server;

use anyhow::{Context, Result};
use interleaved::workspace::Workspace;
use order::Orders;
use std::fs;
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

/// What is known of a few listings without the engine.
///
/// # Errors
/// When it can't be read.
pub fn orders() -> Result<Orders> {
    let file = workspace().root.join("tests/orders.toml");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    order::read(&text).with_context(|| file.display().to_string())
}
