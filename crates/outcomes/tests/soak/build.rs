//! Builds the library that delays real programs: it is loaded into them, not
//! linked with anything here. And tells the programs, whose files are part of
//! two packages, in which they are; and which listings the book has.

#[path = "../programs/book_listings.rs"]
mod listings;

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=delays/lib.rs");
    println!("cargo::rerun-if-changed=../programs/book_listings.rs");
    listings::write();
    println!("cargo::rustc-check-cfg=cfg(delays, originals)");
    // Here the programs are built against the originals.
    println!("cargo::rustc-cfg=originals");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    // For another platform than this one, a linker must be named.
    let linker = env::var_os("RUSTC_LINKER");
    if linker.is_none() && env::var_os("HOST") != env::var_os("TARGET") {
        return;
    }
    let variable = |name: &str| env::var_os(name).unwrap_or_else(|| panic!("cargo sets {name}"));
    let library = Path::new(&variable("OUT_DIR")).join("libdelays.so");
    let mut rustc = Command::new(variable("RUSTC"));
    rustc
        .args([
            "--edition=2024",
            "--crate-name=delays",
            "--crate-type=cdylib",
        ])
        .args([
            "-Copt-level=2",
            "-Cpanic=abort",
            "delays/lib.rs",
            "--target",
        ])
        .arg(variable("TARGET"))
        .arg("-o")
        .arg(&library);
    if let Some(linker) = linker {
        rustc.arg("-C").arg(format!("linker={}", linker.display()));
    }
    let status = rustc.status().expect("rustc can be run");
    assert!(status.success(), "delays/lib.rs can't be built");
    println!("cargo::rustc-cfg=delays");
    println!("cargo::rustc-env=DELAYS={}", library.display());
}
