//! Places in the program.

use crate::Place;
use std::panic::Location;

/// For operations that no place in the program asks for.
pub fn nowhere() -> &'static Location<'static> {
    Location::caller()
}

/// A place in the program; none for what the engine itself does, and for what
/// the original libraries do on the program's behalf.
pub(crate) fn place(location: &Location<'_>) -> Option<Place> {
    let is_known = location != nowhere() && !is_of_the_toolchain(location.file());
    is_known.then(|| Place {
        file: location.file().to_owned(),
        line: location.line(),
        column: location.column(),
    })
}

/// Whether a file is one of std's own, as rustc names them: by its commit, or
/// below the toolchain where that has the source.
fn is_of_the_toolchain(file: &str) -> bool {
    file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/library/")
}
