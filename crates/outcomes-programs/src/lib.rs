//! Programs built against the look-alikes, for testing the engine. `std` is
//! `outcomes-std` in here, and crossbeam's crates are ours too.

pub mod listings;
pub mod table;
