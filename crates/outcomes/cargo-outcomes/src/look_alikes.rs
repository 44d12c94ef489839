//! The look-alikes: packages of a workspace that stand for libraries.

use runner::Libraries;
use runner::cargo::{Error, Progress, Workspace};
use std::fs;
use std::path::{Path, PathBuf};

/// How a look-alike's package is called, before the original's name.
const PREFIX: &str = "outcomes-";

/// The libraries that every program may use: the standard ones, and those which its
/// own package need not depend on to have it explored, the one that has those of
/// crossbeam in it and the one by which it says what it expects.
const STANDARD: [&str; 5] = ["std", "core", "alloc", "crossbeam", "outcomes"];

/// The look-alikes as cargo built them.
#[derive(Clone, Debug)]
pub(crate) struct LookAlikes {
    /// The compiler and the libraries, under the names of the originals.
    pub(crate) libraries: Libraries,
    /// Where cargo puts what it builds.
    pub(crate) target_directory: PathBuf,
}

/// Whether a workspace has them.
pub(crate) fn are_in(workspace: &Workspace) -> bool {
    workspace.has_member(&format!("{PREFIX}std"))
}

/// Whether the package of that name in a folder is one that a look-alike stands for. Of
/// another with such a name nobody knows what it does. Only the crate `outcomes` is in a
/// folder: the others are the public registry's.
pub fn is_original(name: &str, folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    name == "outcomes" && manifest.is_ok_and(|text| text.contains("outcomes-macros"))
}

/// Builds the look-alikes of those libraries that a package's programs may
/// use: the packages of the workspace that are named like the original, with
/// [`PREFIX`] before it.
///
/// # Errors
/// When they can't be built.
pub(crate) fn build_look_alikes(
    workspace: &Workspace,
    package: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<LookAlikes, Error> {
    let look_alikes: Vec<(&str, String)> = workspace
        .dependencies(package)?
        .chain(STANDARD.map(|name| (name, name)))
        .map(|(name, original)| (name, format!("{PREFIX}{original}")))
        .filter(|(_, look_alike)| workspace.has_member(look_alike))
        .collect();
    let libraries =
        workspace.build_libraries(package, "the look-alikes", &look_alikes, progress)?;
    Ok(LookAlikes {
        libraries,
        target_directory: workspace.target_directory().to_owned(),
    })
}
