//! Names of states: 128-bit hashes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// States have names that are hashes already.
#[derive(Default)]
pub struct NameHasher(u64);

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only for names");
    }

    fn write_u128(&mut self, name: u128) {
        self.0 = name as u64;
    }
}

/// By the name of a state.
pub type ByName<T> = HashMap<u128, T, BuildHasherDefault<NameHasher>>;

/// Bytes that a map takes when it next grows.
pub fn map_growth<T>(map: &ByName<T>) -> usize {
    if map.len() < map.capacity() {
        return 0;
    }
    4 * (map.capacity() + 8) * (size_of::<u128>() + size_of::<T>() + 1)
}
