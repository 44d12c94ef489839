//! Refusing to go through what has a random order.

use crate::hash::RandomState;
use outcomes::model;
use std::any::type_name;
use std::panic::Location;

/// Whether a table that hashes like this has a random order.
pub(super) fn is_random<S>() -> bool {
    type_name::<S>() == type_name::<RandomState>()
}

/// Stops the exploration, unless there are too few elements for an order.
#[track_caller]
pub(super) fn refuse_to_go_through<S>(what: &str, length: usize) {
    if is_random::<S>() {
        refuse_at(what, length, Location::caller());
    }
}

/// The same where it isn't known which line of the program is to blame.
pub(super) fn refuse_to_show<S>(what: &str, length: usize) {
    if is_random::<S>() {
        refuse_at(what, length, model::showing());
    }
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
pub(super) fn drop_unseen<S, T>(elements: &mut T, length: usize, clear: impl FnOnce(&mut T)) {
    if length > 1 && is_random::<S>() {
        model::without_operations(
            "it drops the elements of a hash table, whose order is random, and another thread \
             or the reader can tell",
            || clear(elements),
        );
    }
}
