//! Where the documentation is on this machine.

use outcomes_soak::public_items::source::may_be_own;
use runner::cargo::{self, Workspace};
use std::fs;
use std::path::{Path, PathBuf};

/// A library, or a part of it, whose documentation is looked at.
#[derive(Clone, Debug)]
pub struct Library {
    /// What it is called.
    pub name: &'static str,
    /// The edition of its examples.
    pub edition: String,
    /// The folder that holds all of it.
    pub folder: PathBuf,
    /// Its files, sorted.
    pub files: Vec<PathBuf>,
}

/// The parts of std that are modelled, below `library/`.
const STD: [&str; 7] = [
    "alloc/src/sync.rs",
    "core/src/sync",
    "core/src/time.rs",
    "std/src/sync",
    "std/src/sync.rs",
    "std/src/thread",
    "std/src/time.rs",
];

/// The packages of crossbeam that are modelled.
const CROSSBEAM: [&str; 2] = ["crossbeam-channel", "crossbeam-utils"];

/// Where distributions put the source of std.
const SHARED: [&str; 2] = ["/usr/lib/rustlib/src/rust/library", "/usr/src"];

/// std, if its source is on this machine: where `RUST_SRC_PATH` says, or with
/// the compiler, or where a distribution puts it.
///
/// # Errors
/// When there is no compiler, or a file can't be read.
pub fn std() -> Result<Option<Library>, String> {
    let found = cargo::std_source().map_err(|error| error.to_string())?;
    let Some(folder) = found.or_else(of_the_distribution) else {
        return Ok(None);
    };
    let files = STD.iter().flat_map(|part| rust_files(&folder.join(part)));
    Ok(Some(Library {
        name: "std",
        edition: edition(&folder.join("std"))?,
        files: files.collect(),
        folder,
    }))
}

/// crossbeam's packages, in the versions that are locked.
///
/// # Errors
/// When there is no cargo, or a file can't be read.
pub fn crossbeam() -> Result<Vec<Library>, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::read(here).map_err(|error| error.to_string())?;
    let libraries = CROSSBEAM.map(|name| {
        let folder = workspace.folder(name).map_err(|error| error.to_string())?;
        Ok(Library {
            name,
            edition: edition(folder)?,
            files: rust_files(&folder.join("src")),
            folder: folder.to_owned(),
        })
    });
    libraries.into_iter().collect()
}

/// That of this compiler: another one's std may do other than its examples say.
fn of_the_distribution() -> Option<PathBuf> {
    let [fixed, versions] = SHARED.map(Path::new);
    let versions = fs::read_dir(versions).into_iter().flatten().flatten();
    let mut folders = versions
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("rustc-"))
        .map(|entry| entry.path().join("library"))
        .chain([fixed.to_owned()]);
    folders.find(|folder| folder.join("core").is_dir() && may_be_own(folder))
}

/// What a package's manifest says. The few lines are looked through, since
/// std's inherits from nobody and crossbeam's is written by cargo.
fn edition(package: &Path) -> Result<String, String> {
    let file = package.join("Cargo.toml");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("edition"));
    let edition = line.map(|value| value.trim_matches([' ', '=', '"']));
    Ok(edition.unwrap_or("2015").to_owned())
}

/// A file, or those in a folder, without tests.
fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let is_wanted = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        name != "tests" && name != "benches" && (path.is_dir() || is_rust)
    };
    let wanted = entries.into_iter().filter(is_wanted);
    wanted.flat_map(|path| rust_files(&path)).collect()
}
