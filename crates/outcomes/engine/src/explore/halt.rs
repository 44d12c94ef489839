//! Why exploring can't go on.

use crate::machine::{Alternative, Interrupt};
use crate::{Ending, Refused};

/// Whether nothing will ever happen for a reason.
pub(super) fn is_stuck(alternatives: &[Alternative]) -> bool {
    alternatives
        .iter()
        .all(|alternative| alternative.is_spurious())
}

/// Why exploring can't go on.
pub(super) enum Halt {
    /// The program has to be started over, in a finer view.
    Restart,
    /// It can't be modelled.
    Refused(Refused),
}

/// How the program has ended, if it has.
pub(super) fn ended(interrupt: Option<Interrupt>) -> Result<Option<Ending>, Halt> {
    match interrupt {
        None => Ok(None),
        Some(Interrupt::Ended(ending)) => Ok(Some(ending)),
        Some(Interrupt::Restart) => Err(Halt::Restart),
        Some(Interrupt::Refused { reason, at }) => Err(Halt::Refused(Refused { reason, at })),
    }
}
