//! Lists the packages that programs are built with: once a command that explores
//! is installed, the workspace they come from may be gone.
//!
//! They are in the folder `packed`, laid out like the workspace. There they are
//! links into it, which `cargo package` follows, so that a package from a registry
//! has the files themselves. It leaves out what has a `Cargo.toml` or a name that
//! starts with a dot: so these have other names.

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const PACKED: &str = "packed";

/// What is called otherwise there: first its name there, then its own.
const NAMES: [(&str, &str); 2] = [
    ("manifest.toml", "Cargo.toml"),
    // Says what the look-alikes' build scripts find in their environment.
    ("configuration.toml", ".cargo/config.toml"),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let packed = package.join(PACKED);
    let mut files = Vec::new();
    add_files(&packed, &mut files)?;
    files.sort();

    let mut list = String::from("[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = own_name(file.strip_prefix(&packed).expect("it is in there"));
        writeln!(list, "({name:?}, include_str!({file:?})),").expect("a String has room");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("packages.rs"), list)
}

fn own_name(path: &Path) -> PathBuf {
    let other = NAMES.iter().find(|(name, _)| path.ends_with(name));
    match other {
        Some((_, own)) => path.with_file_name(own),
        None => path.to_owned(),
    }
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
