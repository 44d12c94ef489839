//! Whether a program that must not compile is rejected as recorded, and whether
//! another compiler says the same.

use super::findings::Findings;
use crate::programs::Programs;
use crate::words::{self, Compilers};
use anyhow::{Context, Result};
use std::fs;

/// It gives exactly its error, in the lines that are recorded, and in the words
/// if the compiler is the one that was used then.
pub(super) fn check(programs: &Programs, name: &str) -> Result<()> {
    let (said, codes) = programs.rejection(name)?;
    let listing = programs.listings.get(name)?;
    let mut findings = Findings::new();
    findings.hold(codes.iter().eq(&listing.error), || {
        format!(
            "listings.toml says that rustc gives {} alone, and it gives {}: correct the program, \
             or let `cargo run -- add {name}` write what is true. rustc says\n{said}",
            listing.error.as_deref().unwrap_or_default(),
            codes.join(" and "),
        )
    });
    let file = programs.listings.transcript_path(name);
    let recorded = fs::read_to_string(&file)
        .with_context(|| format!("nothing is recorded of it: run `cargo run -- record {name}`"))?;
    let (before, now) = (words::marked(&recorded, name), words::marked(&said, name));
    findings.hold(before == now && !now.is_empty(), || {
        format!(
            "the recorded words mark the lines {before:?}, and rustc the lines {now:?}: \
             run `cargo run -- record {name}`"
        )
    });
    findings.hold(
        words::of_the_listing(&recorded, name) == words::of_the_listing(&said, name)
            || !is_recorded_toolchain(programs, name)?,
        || {
            format!(
                "what is recorded isn't what rustc says: run `cargo run -- record {name}`. It \
                 says\n{said}"
            )
        },
    );
    findings.report()
}

/// Whether this compiler is the one that said what is recorded of a listing.
pub(super) fn is_recorded_toolchain(programs: &Programs, name: &str) -> Result<bool> {
    let compilers = Compilers::read(&programs.listings.root().join("outputs"))?;
    let rustc = programs.builder.libraries().rustc_version();
    Ok(compilers.of(name) == Some(rustc))
}
