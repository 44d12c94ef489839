//! What schedules call the scheduler's choices, the threads, and the view of
//! the program.

use super::{Alternative, Machine};
use crate::{Step, ThreadPath};

impl Alternative {
    /// It as a schedule's step, with slots for threads.
    pub(crate) fn step(self) -> Step<u16> {
        match self {
            Alternative::One {
                thread,
                case,
                message,
            } => Step::Case {
                thread,
                case,
                message,
            },
            Alternative::Pair {
                from,
                from_case,
                to,
                to_case,
            } => Step::Meeting {
                from,
                from_case,
                to,
                to_case,
            },
            Alternative::Otherwise { thread } => Step::Otherwise { thread },
            Alternative::Spurious { thread, case } => Step::Spurious { thread, case },
            Alternative::Pass => Step::Time,
        }
    }
}

impl Machine {
    /// The way from main to the thread in a slot.
    pub(crate) fn path_of(&self, slot: u16) -> ThreadPath {
        let path = self.paths.get(usize::from(slot));
        path.cloned().unwrap_or_default()
    }

    /// The ways from main to all threads, by slot.
    pub(crate) fn paths(&self) -> &[ThreadPath] {
        &self.paths
    }

    /// The slot of the thread at the end of a way from main, if it was ever
    /// started.
    fn slot_of(&self, path: &ThreadPath) -> Option<u16> {
        let mut spawns = path.from_main().iter();
        spawns.try_fold(0, |parent, &nth| self.slots.get(&(parent, nth)).copied())
    }

    /// A step as schedules name it.
    pub(crate) fn name_step(&self, step: &Step<u16>) -> Step {
        let renamed = step.rename(|&slot| Some(self.path_of(slot)));
        renamed.expect("every thread has a path")
    }

    /// What a schedule's step means in the current state, if it can happen.
    pub(crate) fn find_step(&self, step: &Step) -> Option<Alternative> {
        let step = step.rename(|path| self.slot_of(path))?;
        let mut alternatives = self.alternatives().into_iter();
        alternatives.find(|alternative| alternative.step() == step)
    }
}
