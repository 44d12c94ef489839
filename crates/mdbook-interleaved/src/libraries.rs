//! The crates that listings use, for rustdoc.

use crate::listings::Listings;
use anyhow::{Context, Result};
use runner::Progress;
use std::path::Path;

/// Has cargo build the listings, and puts the libraries that it linked them
/// with into a folder: there, rustdoc finds exactly one of each.
///
/// # Errors
/// Says what cargo could not build, or that the folder can't be written.
pub(crate) fn link(listings: &Listings, folder: &Path) -> Result<()> {
    let package = listings.package()?;
    let mut said = false;
    let mut progress = |progress: Progress| {
        if !said && !progress.fresh {
            eprintln!("Building the crates that the listings use");
            said = true;
        }
    };
    let built = runner::build_examples(listings.root(), &package, &mut progress)?;
    built
        .libraries
        .link_into(folder)
        .with_context(|| format!("cannot write {}", folder.display()))
}
