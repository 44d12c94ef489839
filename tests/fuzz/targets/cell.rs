//! The text of a cell, and of an example without `main`: the program that it becomes
//! is that text and what is put around it, with no line more before its end, since
//! rustc's words are about its lines.

#![no_main]

use kernel::cell::Cell;
use kernel::doctest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(sentence) = Cell::read(text) {
        assert!(!sentence.is_empty());
    }
    let program = doctest::program(text).source;
    if program.trim_end() == text.trim_end() {
        return;
    }
    let around = program.strip_prefix("#![allow(unused)] ");
    let around = around.expect("what is no program is put into one");
    const INNER: &str = "fn _inner() -> core::result::Result<(), impl core::fmt::Debug> { ";
    let mut mains = around.match_indices("fn main() { ");
    assert!(
        mains.any(|(at, main)| {
            let (top, main) = (&around[..at], &around[at + main.len()..]);
            let inner = main.strip_prefix(INNER).unwrap_or(main);
            text.strip_prefix(top).is_some_and(|rest| {
                let rest = rest.trim_end();
                main.starts_with(rest) || inner.starts_with(rest)
            })
        }),
        "{program:?}"
    );
});
