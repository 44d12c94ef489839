//! Whether threads that are alike are taken for one another (`machine/alike.rs`).
//!
//! A graph in which that was done lacks schedules that a reader could choose, and can't
//! say what goes on for ever. So it is only done where a program turns out to be in many
//! states, and not where it goes round.

use crate::machine::{Classes, Machine};
use outcomes_graph::Graph;

/// Of how many states one is looked at for threads that are alike.
const ONE_OF: u64 = 64;

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
    /// What is known before exploring, where they may be taken for one another from so
    /// many states on.
    pub(super) fn at_first(from: u64) -> Symmetry {
        match from {
            0 => Symmetry::Used,
            _ => Symmetry::Unseen,
        }
    }

    /// The threads to be taken for one another in a new state. Else looks whether there
    /// are any, where that takes a small part of the time: not in the first half of
    /// `from` states, which most programs don't get beyond.
    pub(super) fn look(&mut self, machine: &Machine, state: usize, from: u64) -> Classes {
        let state = state as u64;
        match self {
            Symmetry::Used => return machine.alike(),
            Symmetry::Unseen if state >= from / 2 && state.is_multiple_of(ONE_OF) => {
                let is_any = !machine.alike().is_empty();
                *self = if is_any { Symmetry::Seen } else { *self };
            }
            _ => {}
        }
        Classes::new()
    }

    /// What is known once there are many states, or all. Whether exploring has to start
    /// over by that.
    pub(super) fn decide(&mut self, graph: &Graph) -> bool {
        let before = *self;
        if before != Symmetry::Unusable && graph.goes_round() {
            *self = Symmetry::Unusable;
        } else if before == Symmetry::Seen {
            *self = Symmetry::Used;
        }
        (before == Symmetry::Used) != (*self == Symmetry::Used)
    }
}
