//! What the explored program hears of where it runs. It is the same in every execution,
//! so that to ask for it is no step.
//!
//! May use the protocol.

use crate::Surroundings;
use std::cell::Cell;
use std::num::NonZero;

thread_local! {
    /// Without a destructor, which would be registered on the heap of whichever of the
    /// program's threads asks first.
    static SURROUNDINGS: Cell<Option<&'static Surroundings>> = const { Cell::new(None) };
}

/// Has whatever is explored by `run` in these surroundings. They stay in memory: a
/// process answers few requests.
pub(crate) fn within<R>(surroundings: &Surroundings, run: impl FnOnce() -> R) -> R {
    let some = *surroundings != Surroundings::default();
    let kept = some.then(|| &*Box::leak(Box::new(surroundings.clone())));
    let before = SURROUNDINGS.replace(kept);
    let result = run();
    SURROUNDINGS.set(before);
    result
}

pub(crate) fn argument(index: usize) -> Option<String> {
    SURROUNDINGS.get()?.arguments.get(index).cloned()
}

pub(crate) fn variable(name: &str) -> Option<Option<String>> {
    SURROUNDINGS.get()?.variables.get(name).cloned()
}

pub(crate) fn parallelism() -> Option<NonZero<usize>> {
    SURROUNDINGS.get()?.parallelism
}
