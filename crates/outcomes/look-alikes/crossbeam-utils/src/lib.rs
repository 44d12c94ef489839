//! Looks like crossbeam-utils, and runs on the engine that explores schedules.
//! Laid out and named like the original.

#![deny(unsafe_code)]

pub mod atomic;
mod backoff;
pub mod sync;
pub mod thread;

pub use backoff::Backoff;
/// Says nothing to other threads, so it is the original.
pub use crossbeam_utils::CachePadded;
