//! What is told about the machine: who waits for what, and the events of a trace.

use super::clock::nanoseconds;
use super::threads::Thread;
use super::{Machine, with_machine};
use crate::model::Ready;
use crate::places::place;
use crate::{Blocked, Standstill, Wait, Who, memory};

pub(crate) fn note(value: impl FnOnce() -> Option<String>) {
    if !with_machine(|machine| machine.recorder.is_some()) {
        return;
    }
    let value = {
        let _heap = memory::leave();
        value()
    };
    with_machine(|machine| {
        if let Some(recorder) = &mut machine.recorder {
            recorder.note(value);
        }
    });
}

impl Machine {
    /// What every thread is waiting for, in a state without alternatives.
    pub(crate) fn blocked(&self) -> Vec<Blocked> {
        self.world
            .threads
            .iter()
            .map(|thread| self.describe(thread))
            .collect()
    }

    /// Who waits for what.
    pub(crate) fn standstill(&self) -> Standstill {
        Standstill {
            blocked: self.blocked(),
            ..Standstill::default()
        }
    }

    fn describe(&self, thread: &Thread) -> Blocked {
        let operation = thread.operation();
        // SAFETY: set before the thread's first operation, and it has one.
        let birth = unsafe { thread.birth.as_ref() };
        Blocked {
            who: Who {
                thread: thread.slot,
                path: self.path_of(thread.slot),
                name: birth.and_then(|birth| birth.name.clone()),
                spawned: birth
                    .filter(|_| thread.slot != 0)
                    .and_then(|birth| place(birth.at)),
            },
            at: place(operation.at),
            waits: operation
                .cases
                .iter()
                .map(|case| Wait {
                    action: case.action.to_owned(),
                    object: self
                        .lock_waited_for(thread)
                        .or_else(|| case.object.map(|object| object.kind.to_owned())),
                    name: None,
                    created: case
                        .object
                        .and_then(|object| object.created)
                        .and_then(place),
                    on: None,
                })
                .collect(),
        }
    }

    /// The lock on stdout or stderr that keeps a thread from printing.
    fn lock_waited_for(&self, thread: &Thread) -> Option<String> {
        let [case] = thread.operation().cases else {
            return None;
        };
        let (Ready::Print(stream) | Ready::Lock(stream)) = case.ready else {
            return None;
        };
        let held = self.held_by_other(stream, thread.slot)?;
        Some(match place(held.at) {
            Some(at) => format!("{}, locked at {at}", stream.name()),
            None => stream.name().to_owned(),
        })
    }

    pub(super) fn record_before(&mut self, index: usize, answer: u32) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        let thread = &self.world.threads[index];
        if thread.operation.is_null() {
            return recorder.begin(thread.slot);
        }
        // SAFETY: the thread is suspended at it.
        let operation = unsafe { &*thread.operation };
        let case = operation.cases.get(answer as usize);
        recorder.event(thread.slot, operation, case, nanoseconds(self.world.now));
    }

    pub(super) fn record_after(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.printed(&self.text);
        }
    }

    /// Where every thread stands, for a trace.
    pub(crate) fn positions(&self) -> Vec<crate::Position> {
        self.world
            .threads
            .iter()
            .map(|thread| {
                let mut own = Vec::new();
                self.alternatives_of(thread, &mut own);
                let operation = thread.operation();
                let mut cases = operation.cases.iter();
                let met = cases.any(|case| self.partners(thread, case.ready).next().is_some());
                let blocked = own.is_empty() && !met;
                crate::Position {
                    thread: thread.slot,
                    at: place(operation.at),
                    next: self.describe(thread).waits,
                    blocked,
                }
            })
            .collect()
    }

    /// What threads are about to print.
    pub(crate) fn about_to_print(&self) -> impl Iterator<Item = &str> {
        let operations = self.world.threads.iter().map(Thread::operation);
        operations.filter_map(|operation| operation.text)
    }
}
