//! Places in the program.

use crate::Place;
use std::panic::Location;

/// For operations that no place in the program asks for.
pub fn nowhere() -> &'static Location<'static> {
    Location::caller()
}

/// A place in the program; none for what the engine itself does.
pub(crate) fn place(location: &Location<'_>) -> Option<Place> {
    (location != nowhere()).then(|| Place {
        file: location.file().to_owned(),
        line: location.line(),
        column: location.column(),
    })
}
