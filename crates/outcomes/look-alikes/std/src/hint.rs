//! Hints. A spinning thread lets others go first.

pub use std::hint::*;

/// Lets other threads go first, if there are any.
#[track_caller]
pub fn spin_loop() {
    outcomes_engine::model::yield_now(std::panic::Location::caller());
}
