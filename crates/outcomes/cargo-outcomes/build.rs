//! Packs the packages that programs are built with: once a command that explores
//! is installed, the workspace they come from may be gone.

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What programs can use: a package whose dependencies are that, and nothing
/// else.
const PROGRAMS: &str = "crates/listings/Cargo.toml";

/// Where the look-alikes and what they run on are: the packages in this
/// folder and one below, without those that no program is linked with. They
/// test the look-alikes, or explore programs from outside.
const LOOK_ALIKES: &str = "crates/outcomes";
const NOT_LINKED: [&str; 2] = ["cargo-outcomes", "tests"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let workspace = package.join("../../..").canonicalize()?;
    let mut files = vec![
        // Says what the look-alikes' build scripts find in their environment.
        workspace.join(".cargo/config.toml"),
        workspace.join("Cargo.toml"),
        workspace.join("Cargo.lock"),
        workspace.join(PROGRAMS),
    ];
    add_packages(&workspace.join(LOOK_ALIKES), &mut files)?;
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

fn add_packages(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if NOT_LINKED.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.join("Cargo.toml").is_file() {
            files.push(path.join("Cargo.toml"));
            files.extend(Some(path.join("build.rs")).filter(|file| file.is_file()));
            add_files(&path.join("src"), files)?;
        } else if path.is_dir() {
            add_packages(&path, files)?;
        }
    }
    Ok(())
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
