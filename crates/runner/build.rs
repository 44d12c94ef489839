//! Says on Windows what to do instead, before anything there fails to compile.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_CFG_WINDOWS").is_some() {
        println!(
            "cargo::error=What runs programs, and the book's server with it, doesn't work \
             on Windows: use it in the Windows Subsystem for Linux (WSL)."
        );
    }
}
