//! Whether threads that are alike are taken for one another (`machine/alike.rs`).
//!
//! A graph in which that was done lacks schedules that a reader could choose, and can't
//! say what goes on for ever. So it is only done where a program turns out to be in many
//! states, and not where it goes round.

use crate::machine::{Classes, Machine};

/// How many of the first states are looked at for threads that are alike, and of how
/// many others one is.
const FIRST: usize = 256;
const ONE_OF: usize = 64;

/// What is known of threads that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symmetry {
    /// None were seen yet.
    Unseen,
    /// There are some, but each is still looked at.
    Seen,
    /// They are taken for one another.
    Used,
    /// They can't be: the program goes round.
    Unusable,
}

impl Symmetry {
    /// Looks for some in a new state, where that takes a small part of the time: not in
    /// the first half of `from` states, which most programs don't get beyond. The
    /// classes to use.
    pub(super) fn look(&mut self, machine: &Machine, state: usize, from: u64) -> Classes {
        if *self == Symmetry::Used {
            return machine.alike();
        }
        let is_early = (state as u64) < from / 2;
        let is_looked_at = !is_early && (state < FIRST || state.is_multiple_of(ONE_OF));
        if *self == Symmetry::Unseen && is_looked_at && !machine.alike().is_empty() {
            *self = Symmetry::Seen;
        }
        Classes::new()
    }
}
