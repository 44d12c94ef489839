//! Announcing operations, and stopping for good.

use super::fibres::Announced;
use super::output::print_message;
use super::refinements::{Refinement, refine};
use super::sweeping::{apart, sweep};
use super::threads::with_thread;
use super::{
    FORBIDDEN, FORMATTING, Interrupt, MACHINE, YIELDER, is_modelled, not_modelled, with_machine,
};
use crate::memory;
use crate::model::Operation;
use crate::places::place;
use std::panic::Location;
use std::ptr;

/// The answer to an operation when none of its cases was taken.
pub(super) const OTHERWISE: u32 = u32::MAX;

pub(crate) fn perform(operation: &Operation<'_>) -> Option<usize> {
    apart(|| prepare(operation));
    announce(operation)
}

fn prepare(operation: &Operation<'_>) {
    if MACHINE.get().is_null() {
        not_modelled();
    }
    if FORMATTING.get().is_some() {
        refine(Refinement::Formatting);
    }
    if !operation.eager && with_thread(|thread| thread.dropping > 0) {
        refine(Refinement::Owners);
    }
    print_message(operation.at);
    if let Some((reason, at)) = FORBIDDEN.take() {
        refuse(reason, at.unwrap_or(operation.at));
    }
}

pub(crate) fn without_operations(
    reason: &'static str,
    at: Option<&'static Location<'static>>,
    run: impl FnOnce(),
) {
    struct Allowed;
    impl Drop for Allowed {
        fn drop(&mut self) {
            FORBIDDEN.set(None);
        }
    }
    if FORBIDDEN.get().is_some() || !is_modelled() {
        return run();
    }
    let _allowed = Allowed;
    FORBIDDEN.set(Some((reason, at)));
    run();
}

pub(crate) fn drop_shared(drop: impl FnOnce()) {
    if !is_modelled() {
        return drop();
    }
    /// Undone also where the drop panics, which others may notice.
    struct Dropping {
        panicking: u32,
    }
    impl Drop for Dropping {
        fn drop(&mut self) {
            let panicking = with_thread(|thread| {
                thread.dropping -= 1;
                thread.panicking
            });
            if panicking > self.panicking {
                refine(Refinement::Owners);
            }
        }
    }
    let panicking = with_thread(|thread| {
        thread.dropping += 1;
        thread.panicking
    });
    let _dropping = Dropping { panicking };
    drop();
}

/// Nothing of what came before may stay on the stack, or in registers that are
/// kept there, while the thread is stopped: it would tell equal states apart.
pub(super) fn announce(operation: &Operation<'_>) -> Option<usize> {
    sweep();
    let announced: Announced = ptr::from_ref(operation).cast();
    let answer = apart(|| suspend(announced));
    (answer != OTHERWISE).then_some(answer as usize)
}

pub(super) fn suspend(announced: Announced) -> u32 {
    // SAFETY: set on every resume to the running thread's own.
    unsafe { (*YIELDER.get()).suspend(announced) }
}

/// Stops the program for good.
pub(super) fn stop(interrupt: Interrupt) -> ! {
    FORMATTING.set(None);
    // The copy is in the engine's memory.
    with_machine(|machine| machine.interrupt = Some(interrupt.clone()));
    loop {
        suspend(ptr::null());
    }
}

pub(crate) fn refuse(reason: &str, at: &'static Location<'static>) -> ! {
    stop(Interrupt::Refused {
        reason: reason.to_owned(),
        at: place(at),
    })
}

pub(crate) fn out_of_memory() -> ! {
    let reason = {
        let _heap = memory::leave();
        "one of its threads needs more than 7 MB of memory".to_owned()
    };
    stop(Interrupt::Refused { reason, at: None })
}
