//! The packages that travel inside of this one: the look-alikes, what they run on,
//! and one whose dependencies programs can use. They are unpacked into a cache, and
//! built there by cargo, for whoever is in no workspace that has them.

use runner::cargo::{self, Workspace};
use runner::{Builder, Progress};
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// The files, by their paths in a workspace. See `build.rs`.
const FILES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// The package whose dependencies programs can use.
pub const PROGRAMS: &str = "listings";

/// A package must have something to build.
const EMPTY_EXAMPLE: (&str, &str) = ("crates/listings/examples/empty.rs", "fn main() {}\n");

/// What lists the workspace's members, and its default ones.
const MEMBERS: [&str; 2] = ["\nmembers = [", "\ndefault-members = ["];

/// Unpacks the packages, unless they are there, into the cache of this machine's
/// user. Returns their workspace.
///
/// # Errors
/// Says in one sentence why there is no place for them.
pub fn unpacked() -> Result<PathBuf, String> {
    let folder = cache()?.join("packages").join(fingerprint());
    unpack(&folder)?;
    Ok(folder)
}

/// What compiles programs with the originals of what they use, which cargo builds
/// first.
///
/// # Errors
/// When there is no place for them, or they can't be built.
pub fn builder(tell: &mut dyn FnMut(Progress)) -> Result<Builder, String> {
    let folder = unpacked()?;
    let built = Workspace::read_apart(&folder)
        .and_then(|workspace| cargo::build_examples_of(&workspace, PROGRAMS, tell));
    let libraries = built.map_err(|error| error.to_string())?.libraries;
    Ok(Builder::new(libraries, cache()?.join("programs")))
}

/// The folder for what can be made again.
///
/// # Errors
/// Says what to set where there is none.
pub fn cache() -> Result<PathBuf, String> {
    let from = |variable: &str| {
        let folder = env::var_os(variable).map(PathBuf::from);
        // "All paths must be absolute", says the XDG base directory
        // specification; else they are to be ignored.
        folder.filter(|folder| folder.is_absolute())
    };
    let usual = if cfg!(target_os = "macos") {
        "Library/Caches"
    } else {
        ".cache"
    };
    from("XDG_CACHE_HOME")
        .or_else(|| Some(from("HOME")?.join(usual)))
        .map(|folder| folder.join("interleaved"))
        .ok_or_else(|| {
            "there is no folder to build programs in: set HOME or XDG_CACHE_HOME".to_owned()
        })
}

/// Differs when any file does.
fn fingerprint() -> String {
    let mut hasher = DefaultHasher::new();
    FILES.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Unpacks the packages, unless they are there: all at once, so that nobody
/// finds half of them.
fn unpack(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        return Ok(());
    }
    unpack_beside(folder).map_err(|error| {
        format!(
            "The libraries that programs use can't be unpacked to {}: {error}.",
            folder.display()
        )
    })
}

fn unpack_beside(folder: &Path) -> io::Result<()> {
    let new = folder.with_extension(process::id().to_string());
    for (name, text) in FILES.iter().chain([&EMPTY_EXAMPLE]) {
        let file = new.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&new))?;
        fs::write(file, here(name, text))?;
    }
    match fs::rename(&new, folder) {
        // Another process was faster.
        Err(_) if folder.exists() => fs::remove_dir_all(&new),
        renamed => renamed,
    }
}

/// A file as it is in a workspace of these packages alone.
fn here(name: &str, text: &str) -> String {
    if name != "Cargo.toml" {
        return text.to_owned();
    }
    let members = FILES
        .iter()
        .filter_map(|(name, _)| name.strip_suffix("/Cargo.toml"));
    let list = members.map(|member| format!("{member:?}"));
    let list = list.collect::<Vec<_>>().join(", ");
    MEMBERS.iter().fold(text.to_owned(), |text, start| {
        with_list(&text, start, &list)
    })
}

/// The text with other items in the list that starts so, if there is one.
fn with_list(text: &str, start: &str, items: &str) -> String {
    let Some((before, rest)) = text.split_once(start) else {
        return text.to_owned();
    };
    let behind = rest.find(']').map_or("", |end| &rest[end..]);
    format!("{before}{start}{items}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_cut_down_to_what_is_there() {
        let (_, text) = FILES
            .iter()
            .find(|(name, _)| *name == "Cargo.toml")
            .unwrap();
        let text = here("Cargo.toml", text);
        for start in MEMBERS {
            let (_, list) = text.split_once(start).unwrap();
            let (list, rest) = list.split_once(']').unwrap();
            assert!(list.contains(r#""crates/listings""#), "{list}");
            assert!(
                list.contains(r#""crates/outcomes/look-alikes/std""#),
                "{list}"
            );
            assert!(!list.contains("kernel"), "{list}");
            assert!(!list.contains("cargo-outcomes"), "{list}");
            assert!(rest.contains("[workspace.dependencies]"));
        }
    }

    #[test]
    fn what_the_look_alikes_are_built_with_is_there() {
        for wanted in [
            ".cargo/config.toml",
            "crates/outcomes/look-alikes/std/build.rs",
        ] {
            assert!(FILES.iter().any(|(name, _)| *name == wanted), "{wanted}");
        }
    }

    #[test]
    fn packages_are_unpacked_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("packages");
        unpack(&packages).unwrap();
        for (name, _) in FILES.iter().chain([&EMPTY_EXAMPLE]) {
            assert!(packages.join(name).is_file(), "{name}");
        }
        unpack(&packages).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
