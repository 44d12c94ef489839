//! The original's collections, and a `HashMap` and a `HashSet` whose order is a choice.
//!
//! The original's is drawn anew in each run, so what goes through it has more outputs
//! than its schedules explain. Everything else about them is the same in each run: see
//! [`order`].

pub mod hash_map;
pub mod hash_set;
mod order;

pub use hash_map::HashMap;
pub use hash_set::HashSet;
pub use std::collections::{
    BTreeMap, BTreeSet, BinaryHeap, Bound, LinkedList, TryReserveError, VecDeque, binary_heap,
    btree_map, btree_set, linked_list, vec_deque,
};
