//! Packs the packages that the `interleaved-kernel` binary builds programs
//! with: once it is installed, the workspace they come from may be gone.

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What programs can use: a package whose dependencies are that, and nothing
/// else.
const PROGRAMS: &str = "crates/listings/Cargo.toml";

/// The look-alikes are packages that are named so, and these test them.
const LOOK_ALIKES: &str = "outcomes";
const TESTS: [&str; 2] = ["outcomes-programs", "outcomes-soak"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_ZEROMQ").is_none() {
        return Ok(());
    }
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let workspace = package.join("../..").canonicalize()?;
    let mut files = vec![
        workspace.join("Cargo.toml"),
        workspace.join("Cargo.lock"),
        workspace.join(PROGRAMS),
    ];
    for entry in fs::read_dir(workspace.join("crates"))? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(LOOK_ALIKES) && !TESTS.contains(&&*name) {
            files.push(folder.join("Cargo.toml"));
            add_files(&folder.join("src"), &mut files)?;
        }
    }
    files.sort();

    let mut list = String::from("[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&workspace).expect("it is in there");
        writeln!(list, "({name:?}, include_str!({file:?})),").expect("a String has room");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("packages.rs"), list)
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
