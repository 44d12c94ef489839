//! A `book.toml`: what it says is taken, or refused in words.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(sentence) = mdbook_interleaved::fuzzing::settings(text) {
        assert!(!sentence.is_empty());
    }
});
