//! The original's hashing, without `RandomState`: what it makes of a value
//! differs from run to run by itself.

#[allow(deprecated, reason = "the original has it")]
pub use std::hash::SipHasher;
pub use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};
