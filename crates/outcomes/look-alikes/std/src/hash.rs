//! The original's hashing. What `RandomState` makes of a value differs from run
//! to run by itself, so it hashes for tables only, whose order is not shown.

use outcomes_engine::model;
use std::cell::Cell;
use std::fmt;

#[allow(deprecated, reason = "the original has it")]
pub use std::hash::SipHasher;
pub use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// How tables hash unless they are told otherwise: with nothing random, so that
/// a program in the same state has the same bytes in its memory.
#[derive(Clone, Default)]
pub struct RandomState(());

impl RandomState {
    /// A new one.
    pub fn new() -> RandomState {
        RandomState(())
    }
}

thread_local! {
    /// Whether a table is what hashes.
    static FOR_A_TABLE: Cell<bool> = const { Cell::new(false) };
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        if !FOR_A_TABLE.get() {
            model::refuse(
                "it hashes with RandomState, which gives another number in each run; with \
                 DefaultHasher it can be explored",
                model::nowhere(),
            )
        }
        DefaultHasher::new()
    }
}

impl fmt::Debug for RandomState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RandomState")
            .finish_non_exhaustive()
    }
}

/// What hashes inside a table.
#[doc(hidden)]
#[derive(Clone)]
pub struct Inside<S>(pub(crate) S);

impl<S: BuildHasher> BuildHasher for Inside<S> {
    type Hasher = S::Hasher;

    fn build_hasher(&self) -> S::Hasher {
        let before = FOR_A_TABLE.replace(true);
        let hasher = self.0.build_hasher();
        FOR_A_TABLE.set(before);
        hasher
    }
}

impl<S: Default> Default for Inside<S> {
    fn default() -> Inside<S> {
        Inside(S::default())
    }
}
