//! The threads of the program, from their start to their end.

use super::fibres::{Announced, Fibre};
use super::ledger::moves;
use super::operations::refuse;
use super::parking::Token;
use super::{RUNNING, YIELDER, is_modelled, not_modelled, stacks, with_machine};
use crate::model::{Locals, Operation, ThreadId};
use crate::{memory, pulse};
use corosensei::Yielder;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

/// What is known of a thread from its start, in the program's memory.
pub(super) struct Birth {
    /// A single word, so that it is all written to where there is none.
    pub(super) name: Option<Arc<String>>,
    pub(super) at: &'static Location<'static>,
    pub(super) locals: Box<dyn Locals>,
}

/// A thread that has not finished.
#[derive(Clone)]
pub(super) struct Thread {
    pub(super) slot: u16,
    pub(super) fibre: Fibre,
    pub(super) yielder: *const Yielder<u32, Announced>,
    /// What it does next, on its stack. Null before it has started.
    pub(super) operation: Announced,
    /// When its waiting is over, on the prompt clock.
    pub(super) deadline: Option<Duration>,
    /// Whether it surely waits already, time having passed since it came.
    pub(super) arrived: bool,
    /// Whether it has yielded, so that time may pass it by.
    pub(super) polite: bool,
    /// What it has done since it yielded. States are the same without it.
    pub(super) since: SinceYield,
    /// How often it went on by itself in this step.
    pub(super) eager: u8,
    /// How many threads it has started.
    pub(super) children: u32,
    /// How many panics it is in.
    pub(super) panicking: u32,
    /// How many drops of formerly shared data it is in.
    pub(super) dropping: u32,
    /// The size of its stack.
    pub(super) stack: usize,
    /// What it can be parked by.
    pub(super) token: Token,
    /// A panic's message, not yet printed.
    pub(super) message: Option<String>,
    /// What it is printing, while it puts that together under the lock.
    pub(super) printing: Option<&'static Location<'static>>,
    /// Null when it is about to finish.
    pub(super) birth: *const Birth,
}

/// What a thread has done since it yielded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SinceYield {
    /// It has never yielded.
    Never,
    /// It has not read the clock.
    Nothing,
    /// It has.
    ReadClock,
}

impl Thread {
    pub(super) fn operation(&self) -> &Operation<'static> {
        // SAFETY: the thread is suspended at this operation, which lies on
        // its stack. (`settle` has started every thread.)
        unsafe { &*self.operation }
    }

    /// What it was called when it was started.
    pub(super) fn name(&self) -> Option<&str> {
        // SAFETY: the birth lives as long as the thread has not finished its
        // body; null before it has started, and when it is about to finish.
        let name = unsafe { self.birth.as_ref() }?.name.as_deref();
        name.map(String::as_str)
    }

    /// Says who runs from here, and from where, which is returned: once it has run
    /// the operation is no more.
    pub(super) fn begin_step(&self) -> Option<&'static Location<'static>> {
        // SAFETY: both live as long as the thread is stopped; null before it
        // has started, and the birth also when it is about to finish.
        let (operation, birth) = unsafe { (self.operation.as_ref(), self.birth.as_ref()) };
        let spawned = birth.filter(|_| self.slot != 0).map(|birth| birth.at);
        let at = operation.map(|operation| operation.at);
        pulse::step_begins(self.slot, at, spawned, self.name());
        at
    }
}

pub(super) fn with_thread<R>(run: impl FnOnce(&mut Thread) -> R) -> R {
    with_machine(|machine| {
        let index = machine.find(RUNNING.get()).expect("it is running");
        run(&mut machine.world.threads[index])
    })
}

pub(crate) fn current() -> ThreadId {
    if !is_modelled() {
        not_modelled();
    }
    ThreadId::of(RUNNING.get())
}

pub(crate) unsafe fn spawn<'a>(
    body: Box<dyn FnOnce() + 'a>,
    name: Option<Arc<String>>,
    locals: Box<dyn Locals>,
    stack: Option<usize>,
    at: &'static Location<'static>,
) -> ThreadId {
    let parent = current().slot();
    let nth = with_thread(|thread| {
        thread.children += 1;
        thread.children
    });
    let slot = with_machine(|machine| {
        let next = machine.slots.len();
        let slot = *machine.slots.entry((parent, nth)).or_insert_with(|| {
            let path = machine.paths[usize::from(parent)].child(nth);
            machine.paths.push(path);
            u16::try_from(next).unwrap_or(u16::MAX)
        });
        if usize::from(slot) < memory::MAX_THREADS {
            machine.open_slots(machine.slots.len());
        }
        slot
    });
    if usize::from(slot) >= memory::MAX_THREADS {
        let reason = format!("it starts more than {} threads", memory::MAX_THREADS);
        refuse(&reason, at);
    }
    moves(&*body, Some(slot));
    // SAFETY: lifetimes don't exist at run time; that the body ends in time
    // is the caller's promise.
    let body =
        unsafe { std::mem::transmute::<Box<dyn FnOnce() + 'a>, Box<dyn FnOnce() + 'static>>(body) };
    let birth = Box::into_raw(Box::new(Birth { name, at, locals }));
    let stack = stacks::size(stack);
    memory::open_stack(slot.into(), stack);
    let fibre = Fibre::new(slot.into(), move |yielder| {
        YIELDER.set(yielder);
        body();
        with_thread(|thread| thread.birth = ptr::null());
        // SAFETY: it was leaked above for as long as the thread runs.
        drop(unsafe { Box::from_raw(birth) });
    });
    with_machine(|machine| {
        machine.add_thread(slot, fibre, birth, stack);
        if let Some(weak) = machine.weak() {
            weak.start(slot, Some(parent));
        }
        if let Some(recorder) = &mut machine.recorder {
            // SAFETY: just made.
            let name = unsafe { (*birth).name.as_deref() };
            let name = name.map(String::as_str);
            let path = machine.paths[usize::from(slot)].clone();
            recorder.spawned(slot, path, parent, name, at);
        }
    });
    ThreadId::of(slot)
}

pub(crate) fn started() -> u32 {
    with_machine(|machine| machine.world.started)
}

pub(crate) fn with_locals<R>(run: impl FnOnce(&dyn Locals) -> R) -> R {
    let birth = with_thread(|thread| thread.birth);
    // SAFETY: it lives until the thread has finished its body.
    run(unsafe { &*(*birth).locals })
}
