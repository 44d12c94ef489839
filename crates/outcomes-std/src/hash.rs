//! Hashing, without the hasher whose keys are random.

pub use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};
