//! A `listings.toml`: what it says is taken, or refused in words that name the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mdbook_interleaved::listings::Listings;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

/// In memory, where there is such a place.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    folder.expect("there is room").keep()
});

fuzz_target!(|text: &str| {
    fs::write(FOLDER.join("listings.toml"), text).expect("there is room");
    if let Err(error) = Listings::load(FOLDER.as_path()) {
        assert!(format!("{error:#}").contains("listings.toml"));
    }
});
