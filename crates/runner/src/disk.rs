//! What to say when the disk doesn't do what it should.

use std::io;

/// The sentence for the most common reason.
pub(crate) const FULL: &str = "The disk is full: make some room and try again.";

/// A sentence for this error: that the disk is full, if it is, else `or`.
pub(crate) fn sentence(error: &io::Error, or: impl FnOnce() -> String) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL.to_owned(),
        _ => or(),
    }
}
