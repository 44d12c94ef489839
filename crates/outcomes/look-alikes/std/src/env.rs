//! The program's arguments, of which there are none behind its name.
//! Everything else in the original's module depends on the machine, and is
//! missing.

use std::iter::Once;

/// The program's name, and no arguments.
#[derive(Debug)]
pub struct Args(Once<String>);

/// The program's name, and no arguments.
pub fn args() -> Args {
    Args(std::iter::once("program".to_owned()))
}

impl Iterator for Args {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Args {}

impl DoubleEndedIterator for Args {
    fn next_back(&mut self) -> Option<String> {
        self.0.next_back()
    }
}
