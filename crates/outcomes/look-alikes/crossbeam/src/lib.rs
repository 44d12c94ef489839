//! Looks like crossbeam, the crate that has all the others of its name in it,
//! and runs on the engine that explores schedules. Laid out and named like the
//! original.
//!
//! Its queues, its deques and its memory reclamation are not modelled: they are
//! there, and a program is refused that makes one.

#![deny(unsafe_code)]

pub mod deque;
pub mod epoch;
pub mod queue;

pub use outcomes_crossbeam_channel as channel;
pub use outcomes_crossbeam_channel::select;
pub use outcomes_crossbeam_utils::{atomic, sync, thread, thread::scope};

/// What is of use to threads.
pub mod utils {
    pub use outcomes_crossbeam_utils::{Backoff, CachePadded};
}
