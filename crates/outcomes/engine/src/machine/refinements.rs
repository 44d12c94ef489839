//! Finer views of a program, taken once it can tell the difference.

use super::operations::stop;
use super::weak::is_weak;
use super::{Interrupt, Machine, with_machine};
use std::str::FromStr;

/// Declares the views, each with its bit and with what schedules call it.
macro_rules! refinements {
    (
        $(#[$about:meta])*
        pub enum Refinement { $($(#[$doc:meta])* $view:ident = $bit:literal $name:literal,)* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Refinement {
            $($(#[$doc])* $view = $bit,)*
        }

        /// What schedules call each.
        const NAMES: &[(Refinement, &str)] = &[$((Refinement::$view, $name),)*];
    };
}

refinements! {
    /// A finer view of the program that is only taken once it turns out that the
    /// program can tell the difference. Without it, what a thread gives up
    /// (a lock, a sender) it gives up together with the operation before: that
    /// can only enable others sooner, which a program that merely waits can't
    /// notice, and it saves many states.
    pub enum Refinement {
        /// The program asks for a lock without waiting for it.
        Locks = 1 "locks",
        /// It looks at a channel without waiting, or prefers one to another.
        Channels = 2 "channels",
        /// It asks whether a thread has finished.
        Threads = 4 "threads",
        /// It can tell when the last owner of shared data lets go.
        Owners = 8 "owners",
        /// It looks at what the clock has shown it.
        Time = 16 "time",
        /// It asks how many owners shared data has.
        Counts = 32 "counts",
        /// It holds the lock on stderr for longer than one write.
        Stderr = 64 "stderr",
        /// What it prints is put together by code that does more than that: it
        /// performs operations, or panics.
        Formatting = 128 "formatting",
        /// It shows the numbers that threads have in the order of their start.
        Numbers = 256 "numbers",
        /// It can tell how many owners there are that don't keep what they share.
        WeakCounts = 512 "weak-counts",
        /// It can tell that its atomics ask for less than `SeqCst`.
        Weak = 1024 "weak",
        /// It does, and it has fences.
        Fences = 2048 "fences",
        /// It does, and some of its atomics or fences are `SeqCst`.
        TotalOrder = 4096 "total-order",
    }
}

/// The view of who reduces nothing. How weak memory is makes no difference that
/// could be left out: it is asked for as elsewhere.
pub(super) const UNREDUCED: u16 =
    !(Refinement::Weak as u16 | Refinement::Fences as u16 | Refinement::TotalOrder as u16);

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
        if is_weak() {
            let refused = with_machine(|machine| machine.refuses_looks(None));
            stop(refused);
        }
    }
    if refined(refinement) {
        return;
    }
    with_machine(|machine| machine.refinements |= refinement as u16);
    stop(Interrupt::Restart);
}

impl Machine {
    /// The refinements that have been asked for, for schedules. One that has
    /// no name goes by its bit.
    pub(crate) fn view(&self) -> Vec<String> {
        // All that are no matter of memory, whatever is asked for.
        let given = if self.setup.reduce { 0 } else { UNREDUCED };
        let asked = self.refinements & !given;
        let bits = (0..u16::BITS).filter(|bit| asked >> bit & 1 == 1);
        bits.map(|bit| {
            let mut names = NAMES.iter();
            let named = names.find(|(refinement, _)| *refinement as u16 == 1 << bit);
            named.map_or_else(|| bit.to_string(), |(_, name)| (*name).to_owned())
        })
        .collect()
    }

    /// Takes a finer view from the start.
    ///
    /// # Errors
    /// Names what is no refinement.
    pub(crate) fn refine_to(&mut self, view: &[String]) -> Result<(), String> {
        for wanted in view {
            let mut names = NAMES.iter();
            let named = names.find(|(_, name)| name == wanted);
            let bits = named.map(|(refinement, _)| *refinement as u16);
            let bits = bits.or_else(|| 1_u16.checked_shl(u32::from_str(wanted).ok()?));
            let unknown = || format!("{wanted:?} is no view of a program");
            self.refinements |= bits.ok_or_else(unknown)?;
        }
        Ok(())
    }

    pub(super) fn is_refined(&self, refinement: Refinement) -> bool {
        self.refinements & refinement as u16 != 0
    }
}
