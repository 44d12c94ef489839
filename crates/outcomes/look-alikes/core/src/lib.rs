//! Looks like `core`, for programs that run on the engine which explores
//! schedules. Most of it is the original. What other threads could notice is
//! what `outcomes-std` has: an original atomic would go past the engine, and
//! the program would seem to have fewer outcomes than it has.

#![forbid(unsafe_code)]

// What is named explicitly wins over what comes by `*`.
pub use core::*;

/// The atomics of `outcomes-std`.
pub mod sync {
    pub use outcomes_std::sync::atomic;
}

pub use outcomes_std::{any, hint, mem};
