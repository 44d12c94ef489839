//! The libraries that programs really use.

use crate::programs::folder;
use runner::Libraries;
use runner::cargo::{Error, Workspace};

/// What source text calls them, and their packages.
const LIBRARIES: [(&str, &str); 2] = [
    ("crossbeam_channel", "crossbeam-channel"),
    ("crossbeam_utils", "crossbeam-utils"),
];

/// Builds them, with cargo.
///
/// # Errors
/// When that fails.
pub fn build() -> Result<Libraries, String> {
    let libraries = LIBRARIES.map(|(name, package)| (name, package.to_owned()));
    let build = |workspace: Workspace| {
        let package = env!("CARGO_PKG_NAME");
        workspace.build_libraries(package, "the originals", &libraries, &mut |_| {})
    };
    let built = Workspace::read(folder()).and_then(build);
    built.map_err(|error: Error| error.to_string())
}
