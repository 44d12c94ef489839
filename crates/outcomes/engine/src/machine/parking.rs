//! The token that every thread has to be parked and unparked by.

use super::operations::perform;
use super::threads::Thread;
use super::weak::release_views;
use super::{Machine, with_machine};
use crate::model::{Case, Object, Operation, Otherwise, Ready, Side, ThreadId};
use std::panic::Location;

/// A thread's token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Token {
    /// Not there.
    #[default]
    Missing,
    /// Given, and perhaps taken by something else that the thread waited for.
    Doubtful,
    /// Surely there.
    Given,
}

pub(crate) fn park(object: Object, otherwise: Otherwise, at: &'static Location<'static>) {
    let case = |ready| Case {
        action: "park",
        object: Some(object),
        ready,
    };
    let cases = [case(Ready::Token), case(Ready::Spurious)];
    perform(&Operation::new(&cases, at).or(otherwise));
}

pub(crate) fn unpark(thread: ThreadId, object: Object, at: &'static Location<'static>) {
    crate::model::act("unpark", Some(object), at);
    release_views(object.address as usize, Side::Only);
    with_machine(|machine| {
        if let Some(index) = machine.find(thread.slot()) {
            machine.world.threads[index].token = Token::Given;
        }
    });
}

impl Machine {
    /// The thread goes on from its operation: what comes of its token.
    pub(super) fn use_token(&mut self, index: usize) {
        let thread = &mut self.world.threads[index];
        if thread.operation.is_null() || thread.token == Token::Missing {
            return;
        }
        if is_parked(thread) {
            thread.token = Token::Missing;
            // Who takes it sees what those saw who gave it.
            let (slot, case) = (thread.slot, thread.operation().cases.first());
            let object = case.and_then(|case| case.object);
            if let (Some(object), Some(weak)) = (object, self.weak()) {
                weak.acquire(slot, (object.address as usize, Side::Only as u8));
            }
        } else if may_park(thread.operation()) {
            thread.token = Token::Doubtful;
        }
    }
}

fn is_parked(thread: &Thread) -> bool {
    let mut cases = thread.operation().cases.iter();
    cases.any(|case| matches!(case.ready, Ready::Token))
}

/// Whether the original may park the thread for this, whoever is there.
fn may_park(operation: &Operation<'_>) -> bool {
    let mut cases = operation.cases.iter();
    operation.otherwise != Otherwise::GoOn
        && cases.any(|case| {
            !matches!(
                case.ready,
                Ready::Always | Ready::Never | Ready::Spurious | Ready::Perhaps(_)
            )
        })
}
