//! The original's, which doesn't tell the names of what is modelled: they are
//! not the original's.

use outcomes_engine::model;
use std::panic::Location;

pub use std::any::*;

/// The name of a type. If it says of something modelled where that is, the
/// program is refused.
#[track_caller]
pub fn type_name<T: ?Sized>() -> &'static str {
    let name = std::any::type_name::<T>();
    if names_a_model(name) {
        model::refuse(
            "it asks for the name of a type, which is not told of what is modelled",
            Location::caller(),
        );
    }
    name
}

/// The name of a value's type, as [`type_name`].
#[track_caller]
pub fn type_name_of_val<T: ?Sized>(_: &T) -> &'static str {
    type_name::<T>()
}

/// Whether the name of a type has that of something modelled in it.
pub(crate) const fn names_a_model(name: &str) -> bool {
    contains(name, "outcomes_engine::")
        || contains(name, "outcomes_std::")
        || contains(name, "outcomes_crossbeam")
}

const fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut start = 0;
    while start + part.len() <= text.len() {
        if starts_with(text, start, part) {
            return true;
        }
        start += 1;
    }
    false
}

/// Whether the text goes on like this from there.
const fn starts_with(text: &[u8], start: usize, part: &[u8]) -> bool {
    let mut length = 0;
    while length < part.len() {
        if start + length >= text.len() || text[start + length] != part[length] {
            return false;
        }
        length += 1;
    }
    true
}

/// Whether a type of this name is a pointer, whose size is the original's.
#[cfg_attr(not(knows_types), allow(dead_code))]
pub(crate) const fn names_a_pointer(name: &str) -> bool {
    let starts = [
        "&",
        "*",
        "alloc::boxed::Box<",
        "alloc::rc::Rc<",
        "alloc::vec::Vec<",
        "outcomes_std::sync::arc::Arc<",
        "outcomes_std::sync::arc::Weak<",
    ];
    let mut number = 0;
    while number < starts.len() {
        if starts_with(name.as_bytes(), 0, starts[number].as_bytes()) {
            return true;
        }
        number += 1;
    }
    false
}
