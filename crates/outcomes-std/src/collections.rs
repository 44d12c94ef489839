//! The original's collections, without those whose order is random: what
//! `HashMap` and `HashSet` do first differs from run to run by itself.

pub use std::collections::{
    BTreeMap, BTreeSet, BinaryHeap, Bound, LinkedList, TryReserveError, VecDeque, binary_heap,
    btree_map, btree_set, linked_list, vec_deque,
};
