//! Listings that a page runs by itself, in the reader's browser, with no server:
//! each a WebAssembly module, whose threads are Web Workers over one shared
//! memory.
//!
//! Whoever builds the site also builds the modules, `NAME.wasm` for the target
//! [`TARGET`], into the folder that `programs` in `book.toml` names, and copies
//! them into the site's folder [`FOLDER`], with the scripts of [`SCRIPTS`]; and that the pages have a service worker. A
//! listing's `<figure>` then has one of
//!
//! - `data-program="programs/two-threads.wasm?5d0c…"`: its module, relative to
//!   the page, with a version that differs when the module does;
//! - `data-needs="tokio, …"`: what it needs that a browser doesn't have, as the
//!   end of a sentence that begins with "It needs".
//!
//! # What a browser doesn't have
//! On the stable compiler a panic aborts there. So a listing with a thread that
//! panics would end where it should go on, and is left out. So is what starts
//! more threads than a browser has workers, and what needs files, processes, the
//! network, or a crate that needs them.

use crate::listings::{Listing, Listings};
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::PathBuf;

/// The compiler's name for the modules' platform.
pub const TARGET: &str = "wasm32-wasip1-threads";

/// The folder of the site that holds the modules.
pub const FOLDER: &str = "programs";

/// What the site needs besides to run them: each script's path in the site, and
/// its text.
pub const SCRIPTS: [(&str, &str); 1] = [(
    "programs/thread.js",
    include_str!("../assets/programs/thread.js"),
)];

/// Of a program that uses one of these crates: what it needs.
const CRATES: [(&str, &str); 2] = [
    (
        "tokio",
        "tokio, whose runtime wants an operating system below it",
    ),
    (
        "rayon",
        "rayon, which wants to know how many processors there are, and a browser's programs can't",
    ),
];

/// Of a program that says one of these: what it needs.
const WORDS: [(&str, &str); 6] = [
    ("catch_unwind", UNWINDING),
    (
        "available_parallelism",
        "to know how many processors there are, which a browser's programs can't",
    ),
    ("std::process::Command", "to start other processes"),
    ("std::net", "the network"),
    ("std::fs", "files"),
    ("std::env", "an environment: variables and arguments"),
];

const UNWINDING: &str = "to go on after a thread has panicked, and in a browser a panic still \
                         ends the whole program";

/// The programs of a book for browsers.
#[derive(Debug)]
pub(crate) struct Programs {
    /// Holds the modules.
    pub(crate) folder: PathBuf,
    /// Where the site has them, relative to a page.
    pub(crate) address: String,
}

/// Whether a page can run a listing.
#[derive(Debug)]
pub(crate) enum Program {
    /// It can, by the module at this address.
    Module { address: String },
    /// It can't: what it needs that a browser doesn't have.
    Needs(String),
    /// Nobody has built it.
    Missing,
}

impl Programs {
    /// What there is of a listing.
    ///
    /// # Errors
    /// When its module can't be read.
    pub(crate) fn of(&self, listings: &Listings, name: &str) -> Result<Program> {
        if let Some(needs) = needs(listings, name)? {
            return Ok(Program::Needs(needs));
        }
        let file = self.folder.join(format!("{name}.wasm"));
        let module = match fs::read(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Program::Missing),
            other => other.with_context(|| format!("cannot read {}", file.display()))?,
        };
        let mut hasher = DefaultHasher::new();
        // The script that runs it knows what the page's does: they change together.
        let [(_, thread)] = SCRIPTS;
        (module, thread).hash(&mut hasher);
        let version = hasher.finish();
        Ok(Program::Module {
            address: format!("{}/{name}.wasm?{version:016x}", self.address),
        })
    }
}

/// What a listing needs that a browser doesn't have, if anything.
///
/// # Errors
/// When the listing can't be read.
pub fn needs(listings: &Listings, name: &str) -> Result<Option<String>> {
    let listing = listings.get(name)?;
    if let Some(needs) = of_entry(listing) {
        return Ok(Some(needs));
    }
    let source = listings.source(name)?;
    let crates = listings.crates_used_by(&source)?;
    let mut of_crates = CRATES.iter().filter(|(name, _)| {
        let mut crates = crates.iter();
        crates.any(|used| used == name)
    });
    let mut of_words = WORDS.iter().filter(|(word, _)| source.contains(word));
    let found = of_crates.next().or_else(|| of_words.next());
    Ok(found.map(|(_, needs)| (*needs).to_owned()))
}

/// What the registry tells of that.
fn of_entry(listing: &Listing) -> Option<String> {
    if listing.is_broken() {
        return Some("the compiler, to say what is wrong with it".to_owned());
    }
    let unwinds = (!listing.panics.is_empty()).then(|| UNWINDING.to_owned());
    listing.needs.clone().or(unwinds)
}
