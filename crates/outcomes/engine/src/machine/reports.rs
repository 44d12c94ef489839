//! What is told about the machine: who waits for what, and the events of a trace.

use super::clock::nanoseconds;
use super::threads::Thread;
use super::{Alternative, Machine, is_modelled, swept, with_machine};
use crate::model::{Ready, ThreadId};
use crate::places::place;
use crate::{Blocked, Expectation, Panic, Place, Wait, Who, memory};
use std::panic::Location;
use std::ptr;

pub(crate) fn note(value: impl FnOnce() -> Option<String>) {
    with_machine(|machine| {
        if let Some(recorder) = &mut machine.recorder {
            recorder.note(value());
        }
    });
}

pub(crate) fn note_thread(thread: ThreadId) {
    with_machine(|machine| {
        let path = machine.path_of(thread.slot());
        if let Some(recorder) = &mut machine.recorder {
            recorder.note(Some(path.to_string()));
        }
    });
}

pub(crate) fn expect(expectation: &Expectation, at: &'static Location<'static>) {
    if !is_modelled() {
        return;
    }
    swept(|| {
        let _heap = memory::leave();
        with_machine(|machine| {
            let known = (expectation.clone(), place(at));
            if !machine.expected.contains(&known) {
                machine.expected.push(known);
            }
        });
    });
}

/// A thread that can't go on: who it is, and where it waits for what.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Waiting {
    pub(crate) thread: u16,
    operation: usize,
    at: usize,
    object: usize,
    /// Whether it may be that only time has to pass.
    pub(crate) is_timed: bool,
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

    /// What a thread is called.
    pub(super) fn who(&self, thread: &Thread) -> Who {
        // SAFETY: set before the program's own code runs in the thread.
        let birth = unsafe { thread.birth.as_ref() };
        Who {
            thread: thread.slot,
            path: self.path_of(thread.slot),
            name: birth.and_then(|birth| birth.name.as_deref().cloned()),
            spawned: birth
                .filter(|_| thread.slot != 0)
                .and_then(|birth| place(birth.at)),
        }
    }

    /// The panics of the last step.
    pub(crate) fn take_panics(&mut self) -> Vec<Panic> {
        std::mem::take(&mut self.panicked)
    }

    /// What the program has said of its outcomes so far, and where.
    pub(crate) fn take_expected(&mut self) -> Vec<(Expectation, Option<Place>)> {
        std::mem::take(&mut self.expected)
    }

    /// Which threads wait where, in a state with these alternatives.
    pub(crate) fn waiting<'a>(
        &'a self,
        alternatives: &'a [Alternative],
    ) -> impl Iterator<Item = Waiting> + 'a {
        let can_act = |slot: u16| {
            let mut steps = alternatives.iter().map(|alternative| alternative.step());
            steps.any(|step| {
                let (one, other) = step.threads();
                !step.is_spurious() && (one == Some(&slot) || other == Some(&slot))
            })
        };
        let threads = self.world.threads.iter();
        let threads = threads.filter(move |thread| !can_act(thread.slot));
        threads.map(|thread| {
            let operation = thread.operation();
            let object = operation.cases.first().and_then(|case| case.object);
            Waiting {
                thread: thread.slot,
                operation: ptr::from_ref(operation) as usize,
                at: ptr::from_ref(operation.at) as usize,
                object: object.map_or(0, |object| object.address as usize),
                is_timed: self.waits_for_time(thread),
            }
        })
    }

    fn describe(&self, thread: &Thread) -> Blocked {
        let operation = thread.operation();
        Blocked {
            who: self.who(thread),
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
        self.held_by_other(stream, thread.slot)?;
        Some(stream.name().to_owned())
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
