//! Programs built against the look-alikes, for testing the engine. `std` is
//! `outcomes-std` in here, and crossbeam's crates are ours too. The same
//! files are built against the originals by `outcomes-soak`.

#![forbid(unsafe_code)]

pub mod alike;
pub mod formatting;
pub mod listings;
pub mod random;
pub mod semantics;
pub mod table;
