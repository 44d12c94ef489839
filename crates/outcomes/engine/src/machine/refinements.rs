//! Finer views of a program, taken once it can tell the difference.

use super::operations::stop;
use super::{Interrupt, Machine, with_machine};

/// A finer view of the program that is only taken once it turns out that the
/// program can tell the difference. Without it, what a thread gives up
/// (a lock, a sender) it gives up together with the operation before: that
/// can only enable others sooner, which a program that merely waits can't
/// notice, and it saves many states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Refinement {
    /// The program asks for a lock without waiting for it.
    Locks = 1,
    /// It looks at a channel without waiting, or prefers one to another.
    Channels = 2,
    /// It asks whether a thread has finished.
    Threads = 4,
    /// It can tell when the last owner of shared data lets go.
    Owners = 8,
    /// It looks at what the clock has shown it.
    Time = 16,
    /// It asks how many owners shared data has.
    Counts = 32,
    /// It holds the lock on stderr for longer than one write.
    Stderr = 64,
    /// What it prints is put together by code that does more than that: it
    /// performs operations, or panics.
    Formatting = 128,
    /// It shows the numbers that threads have in the order of their start.
    Numbers = 256,
    /// It can tell how many owners there are that don't keep what they share.
    WeakCounts = 512,
}

impl Refinement {
    /// Whether it is asked for by a look at what others change.
    fn is_look(self) -> bool {
        use Refinement::{Channels, Counts, Locks, Threads, WeakCounts};
        matches!(self, Locks | Channels | Threads | Counts | WeakCounts)
    }
}

pub(crate) fn refined(refinement: Refinement) -> bool {
    with_machine(|machine| machine.is_refined(refinement))
}

pub(crate) fn refine(refinement: Refinement) {
    if refinement.is_look() {
        with_machine(|machine| machine.atomics.looked());
    }
    if refined(refinement) {
        return;
    }
    with_machine(|machine| machine.refinements |= refinement as u16);
    stop(Interrupt::Restart);
}

impl Machine {
    pub(super) fn is_refined(&self, refinement: Refinement) -> bool {
        self.refinements & refinement as u16 != 0
    }
}
