//! Waiting in a loop, as `crossbeam_utils::Backoff`.

use outcomes_std::{hint, thread};
use std::cell::Cell;
use std::fmt;

/// Up to here it only spins.
const SPIN_LIMIT: u32 = 6;

/// Up to here it is not time to block.
const YIELD_LIMIT: u32 = 10;

/// Waits longer each time. How long makes no difference here: each time others
/// may go first.
pub struct Backoff {
    step: Cell<u32>,
}

impl Backoff {
    /// From the start.
    pub fn new() -> Backoff {
        Backoff { step: Cell::new(0) }
    }

    /// Starts anew.
    pub fn reset(&self) {
        self.step.set(0);
    }

    /// Waits in a loop that doesn't lock.
    #[track_caller]
    pub fn spin(&self) {
        hint::spin_loop();
        self.grow(SPIN_LIMIT);
    }

    /// Waits for another thread.
    #[track_caller]
    pub fn snooze(&self) {
        if self.step.get() <= SPIN_LIMIT {
            hint::spin_loop();
        } else {
            thread::yield_now();
        }
        self.grow(YIELD_LIMIT);
    }

    fn grow(&self, limit: u32) {
        let step = self.step.get();
        if step <= limit {
            self.step.set(step + 1);
        }
    }

    /// Whether it is time to block instead.
    pub fn is_completed(&self) -> bool {
        self.step.get() > YIELD_LIMIT
    }
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff::new()
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Backoff")
            .field("step", &self.step)
            .field("is_completed", &self.is_completed())
            .finish()
    }
}
