//! Looks like `alloc`, for programs that run on the engine which explores
//! schedules. Most of it is the original. What other threads could notice is
//! what `outcomes-std` has.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc as original;

// What is named explicitly wins over what comes by `*`.
pub use original::*;

/// The owners of `outcomes-std`.
pub mod sync {
    pub use outcomes_std::sync::{Arc, Weak};
}

/// The wakers of `outcomes-std`.
pub mod task {
    pub use outcomes_std::task::Wake;
}
