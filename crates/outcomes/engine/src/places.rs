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
    let file = location.file();
    let is_known =
        location != nowhere() && !is_of_the_toolchain(file) && !is_of_the_look_alikes(file);
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

/// Whether a file is a look-alike's. Where the program gives a function of the
/// original away, as `T::default`, who calls it is the function's own place.
fn is_of_the_look_alikes(file: &str) -> bool {
    const OWN: &str = file!();
    const FOLDER: &str = "engine/src/places.rs";
    let Some(house) = OWN.strip_suffix(FOLDER) else {
        return false;
    };
    let rest = file.strip_prefix(house);
    rest.is_some_and(|rest| rest.starts_with("look-alikes/") || rest.starts_with("engine/src/"))
}
