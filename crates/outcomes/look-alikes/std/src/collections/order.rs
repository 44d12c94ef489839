//! Refusing to go through what has a random order.

use outcomes::model;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::Location;

/// How keys are hashed: with nothing random, so that a program in the same
/// state has the same bytes in its memory.
pub(super) type Hasher = BuildHasherDefault<DefaultHasher>;

/// Stops the exploration, unless there are too few elements for an order.
#[track_caller]
pub(super) fn refuse_to_go_through(what: &str, length: usize) {
    refuse_at(what, length, Location::caller());
}

/// The same where it isn't known which line of the program is to blame.
pub(super) fn refuse_to_show(what: &str, length: usize) {
    refuse_at(what, length, model::showing());
}

fn refuse_at(what: &str, length: usize, at: &'static Location<'static>) {
    if length > 1 {
        let reason = format!(
            "it goes through a {what}, whose order is random; with a BTree in place of the Hash \
             it can be explored"
        );
        model::refuse(&reason, at);
    }
}

/// Drops elements in whatever order. Stops the exploration if that shows.
pub(super) fn drop_unseen<T>(elements: &mut T, length: usize, clear: impl FnOnce(&mut T)) {
    if length > 1 {
        model::without_operations(
            "it drops the elements of a hash table, whose order is random, and another thread \
             or the reader can tell",
            || clear(elements),
        );
    }
}
