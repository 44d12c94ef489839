//! Looks like the part of crossbeam-utils that threads wait by, and runs on
//! the engine that explores schedules. Laid out and named like the original;
//! what is not here doesn't compile.

#![deny(unsafe_code)]

pub mod sync;
pub mod thread;
