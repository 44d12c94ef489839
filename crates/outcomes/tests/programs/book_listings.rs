//! Writes down which listings of the book can be built modelled: all but those
//! that use a crate, or a part of std, of which there is no look-alike, and those
//! with unsafe code, which goes past the engine. Two packages build the same ones,
//! so both of their build scripts call this.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The crates besides std that look-alikes are for, as programs name them.
const MODELLED: [&str; 2] = ["crossbeam_channel", "crossbeam_utils"];

/// The part of std that listings use and that has no look-alike.
const NOT_MODELLED: &str = "std::net::";

/// Writes `listings.rs` into the folder that cargo gives the build script: a
/// call of the macro `listings!`, with each listing's module and name.
pub(crate) fn write() {
    let listings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../listings");
    let examples = listings.join("examples");
    let manifest = listings.join("Cargo.toml");
    println!("cargo::rerun-if-changed={}", examples.display());
    println!("cargo::rerun-if-changed={}", manifest.display());

    let others = other_crates(&fs::read_to_string(manifest).expect("the listings' manifest"));
    let files = fs::read_dir(&examples).expect("the folder of listings");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a listing").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let mut invocation = "listings! {\n".to_owned();
    for file in files {
        let source = fs::read_to_string(&file).expect("a listing's program");
        let uses = |name: &String| source.contains(&format!("{name}::"));
        let is_unsafe = source.contains("unsafe ");
        if is_unsafe || source.contains(NOT_MODELLED) || others.iter().any(uses) {
            continue;
        }
        let name = file.file_stem().expect("a name").to_str().expect("text");
        invocation += &format!("    {}: {name:?},\n", name.replace('-', "_"));
    }
    invocation += "}\n";
    let to = Path::new(&env::var_os("OUT_DIR").expect("cargo's")).join("listings.rs");
    fs::write(to, invocation).expect("cargo's folder can be written");
}

/// The crates that listings may use and that nobody modelled, as programs name
/// them.
fn other_crates(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().map(str::trim);
    let dependencies = lines
        .skip_while(|line| !line.ends_with("dependencies]"))
        .filter(|line| !line.starts_with(['[', '#']));
    let names = dependencies.filter_map(|line| line.split(['=', '.']).next());
    let names = names.map(|name| name.trim().replace('-', "_"));
    names
        .filter(|name| !name.is_empty() && !MODELLED.contains(&name.as_str()))
        .collect()
}
