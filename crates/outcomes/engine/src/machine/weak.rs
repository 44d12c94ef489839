//! Weak memory on the machine: what threads do to it, and which of an atomic's
//! values they may see next.
//!
//! Whoever waits for another thread in a library sees what that one has seen. The
//! rules:
//!
//! - A thread starts with what its parent has seen, and who joins it sees what it
//!   has seen at its end; so does a scope of its threads.
//! - Who takes a lock sees what those saw who had it before; who reads an
//!   `RwLock`, only those who wrote. stdout is a lock, and so is stderr where the
//!   program holds it for longer than one write; else stderr orders nothing.
//! - Who goes on from `park` by the token sees what all saw who unparked it.
//! - Who finds a `Once` complete sees what the initialiser saw.
//! - The last owner of an `Arc` sees what the other owners saw when they let go. Where
//!   that is anything new, letting go is a step: who is the last makes a difference.
//! - On the prompt clock, what was done before time passes is seen by everybody
//!   afterwards.
//! - Who comes past a barrier sees what all saw who came to it; who has waited for
//!   a `WaitGroup`, what all saw who left it.
//! - Who receives sees what the sender saw. A receive that makes room is seen by
//!   the send that gets it: in a channel for *n* messages, the first receive by the
//!   send after the *n*th. Where sender and receiver meet, each sees what the other
//!   saw. Who finds that the other end is gone sees what all saw who had it.
//! - What looks without waiting and finds nothing sees nothing: `try_lock`,
//!   `is_finished`, counting the owners of an `Arc`.

use super::operations::perform;
use super::refinements::{Refinement, refine};
use super::threads::Thread;
use super::{
    Alternative, Interrupt, Machine, RUNNING, is_modelled, run_with_machine, with_machine,
};
use crate::memory_model::{Schedules, is_look};
use crate::model::{Access, Case, Operation, Ready, Side, ThreadId};
use crate::places::place;
use crate::weak_memory::{Tracking, Way, WeakMemory};
use crate::{Place, memory};
use std::cell::Cell;
use std::panic::Location;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

thread_local! {
    /// Whether the machine's memory is weak.
    static WEAK: Cell<bool> = const { Cell::new(false) };
}

/// Blocks of memory that are gone, from their starts to their ends, of which weak
/// memory has not been told: that can't be done from within the allocator.
static FREED: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// What hands on what threads have seen, or has no need to.
const CARRIED: &[&str] = &[
    "arc",
    "atomic",
    "barrier",
    "channel",
    "condvar",
    "lazy lock",
    "mutex",
    "once",
    "once lock",
    "park token",
    "parker",
    "rwlock",
    "scope",
    "stderr",
    "stdout",
    "thread",
    "timer channel",
    "wait group",
];

/// What a program asks for that is less than `SeqCst`: what it does, what to do
/// instead, and where.
pub(super) type Weakness = (String, &'static str, Option<Place>);

/// An access that has begun.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    thread: u16,
    address: usize,
    access: Access,
    /// How many messages are newer than the one that it is about.
    age: u16,
}

pub(crate) fn is_weak() -> bool {
    WEAK.get()
}

/// A block of the program's memory is gone.
pub(crate) fn freed(address: usize, size: usize) {
    if WEAK.get() {
        let _system = memory::leave();
        let mut freed = FREED.lock().unwrap_or_else(|poison| poison.into_inner());
        freed.push((address, address + size.max(1)));
    }
}

/// Another state has been put back, in which none of that is gone.
pub(super) fn forget_freed() {
    let mut freed = FREED.lock().unwrap_or_else(|poison| poison.into_inner());
    freed.clear();
}

/// Runs `run` on weak memory, if memory is weak, and on who is running.
fn weakly(run: impl FnOnce(&mut WeakMemory, u16)) {
    if !WEAK.get() || !is_modelled() {
        return;
    }
    with_machine(|machine| {
        let running = RUNNING.get();
        if let Some(weak) = machine.weak() {
            run(weak, running);
        }
    });
}

pub(crate) fn release_views(object: usize, side: Side) {
    weakly(|weak, running| weak.release(running, (object, side as u8)));
}

pub(crate) fn acquire_views(object: usize, side: Side) {
    weakly(|weak, running| weak.acquire(running, (object, side as u8)));
}

/// Whether the running thread would see something new by acquiring this.
pub(crate) fn views_tell(object: usize, side: Side) -> bool {
    let mut tells = false;
    weakly(|weak, running| tells = weak.tells(running, (object, side as u8)));
    tells
}

pub(crate) fn send_views(channel: usize, capacity: Option<usize>) {
    weakly(|weak, running| weak.send(running, channel, capacity));
}

pub(crate) fn receive_views(channel: usize, capacity: Option<usize>) {
    weakly(|weak, running| weak.receive(running, channel, capacity));
}

/// Who waits for this object goes on after the end of this thread.
pub(super) fn views_stand_for(object: usize, thread: ThreadId) {
    weakly(|weak, _| weak.stands_for(object, thread.slot()));
}

pub(crate) fn joined(thread: ThreadId) {
    weakly(|weak, running| weak.join(running, thread.slot()));
}

pub(crate) fn read_atomic(newest: u64) -> u64 {
    run_with_machine(|machine| {
        let Some(pending) = machine.pending else {
            return newest;
        };
        machine.weak().map_or(newest, |weak| {
            weak.value(pending.address, newest, pending.age)
        })
    })
}

pub(crate) fn write_atomic(newest: u64, value: Option<u64>) -> u64 {
    run_with_machine(|machine| {
        let Some(pending) = machine.pending.take() else {
            return value.unwrap_or(newest);
        };
        let way = pending.access.way(value.is_some());
        machine.weak().map_or(newest, |weak| {
            weak.access(
                pending.thread,
                pending.address,
                newest,
                pending.age,
                way,
                value.unwrap_or(newest),
            )
        })
    })
}

pub(crate) fn fence(ordering: Ordering, at: &'static Location<'static>) {
    if !is_modelled() {
        return;
    }
    with_machine(|machine| machine.atomics.fenced(ordering));
    if !WEAK.get() {
        return;
    }
    refine(Refinement::Fences);
    let cases = [Case {
        action: "fence",
        object: None,
        ready: Ready::Always,
    }];
    let operation = Operation::new(&cases, at);
    // Others can only tell when they are in one order.
    perform(&if ordering == Ordering::SeqCst {
        refine(Refinement::TotalOrder);
        operation
    } else {
        operation.eagerly()
    });
    weakly(|weak, running| weak.fence(running, ordering));
}

impl Access {
    /// What it does, if it changes something where it may.
    fn way(self, changes: bool) -> Way {
        match self {
            Access::Load(ordering) => Way::Read(ordering),
            Access::Format => Way::Read(Ordering::Relaxed),
            Access::Store(ordering) => Way::Write(ordering),
            Access::Change(success, _) if changes => Way::Change(success),
            Access::Change(_, failure) => Way::Read(failure),
        }
    }
}

/// A thread that only goes on after the end of others, and what stands for those.
fn waits_for_an_end(thread: &Thread) -> Option<(u16, usize)> {
    // SAFETY: the thread is suspended at it; null before it has started.
    let operation = unsafe { thread.operation.as_ref() }?;
    let case = operation.cases.first()?;
    let waits = matches!(case.action, "join" | "wait for the threads of the scope");
    let object = case.object.filter(|_| waits)?;
    Some((thread.slot, object.address as usize))
}

impl Machine {
    /// Weak memory, if memory is weak.
    pub(super) fn weak(&mut self) -> Option<&mut WeakMemory> {
        let weak = self.world.weak.as_deref_mut()?;
        let mut freed = FREED.lock().unwrap_or_else(|poison| poison.into_inner());
        for (start, end) in freed.drain(..) {
            weak.free(start, end);
        }
        Some(weak)
    }

    /// Nothing has happened in memory.
    pub(super) fn start_weak(&mut self) {
        if !self.is_refined(Refinement::Weak) {
            return;
        }
        let mut weak = WeakMemory::new(Tracking {
            fences: self.is_refined(Refinement::Fences),
            psc: self.is_refined(Refinement::TotalOrder),
        });
        weak.start(0, None);
        self.world.weak = Some(Box::new(weak));
        WEAK.set(true);
    }

    pub(super) fn stop_weak(&mut self) {
        WEAK.set(false);
        self.pending = None;
        forget_freed();
    }

    /// Whether the program, as far as it was run since it was started, may have
    /// more outcomes than are found, so that exploring has to start over with
    /// memory that is weak.
    pub(crate) fn is_doubtful(&mut self, schedules: Schedules) -> bool {
        if self.world.weak.is_some() || !self.atomics.is_doubtful(schedules) {
            return false;
        }
        self.weakness = self.atomics.weakness();
        let (fences, strong) = self.atomics.uses();
        let wanted = [
            (true, Refinement::Weak),
            (fences, Refinement::Fences),
            (strong, Refinement::TotalOrder),
        ];
        for (_, refinement) in wanted.into_iter().filter(|(wanted, _)| *wanted) {
            self.refinements |= refinement as u16;
        }
        true
    }

    /// A thread has announced what it does next: whether it can be explored where
    /// memory is weak.
    pub(super) fn check_weak(&mut self, index: usize) {
        if self.world.weak.is_none() || self.interrupt.is_some() {
            return;
        }
        let operation = self.world.threads[index].operation();
        let (at, access) = (operation.at, operation.access);
        if access.is_some_and(Access::is_strong) && !self.is_refined(Refinement::TotalOrder) {
            self.refinements |= Refinement::TotalOrder as u16;
            self.interrupt = Some(Interrupt::Restart);
            return;
        }
        let mut objects = operation.cases.iter().filter_map(|case| case.object);
        let other = objects.find(|object| !CARRIED.contains(&object.kind));
        if let Some(other) = other {
            let what = format!("its {} can't", other.kind);
            self.interrupt = Some(self.refuses(&what, place(at)));
        } else if is_look(operation) {
            self.interrupt = Some(self.refuses_looks(place(at)));
        }
    }

    /// What finds nothing without waiting may as well have missed what is there.
    pub(super) fn refuses_looks(&self, at: Option<Place>) -> Interrupt {
        self.refuses("what it looks at without waiting for it can't", at)
    }

    /// Why a program can't be explored where memory is weak.
    fn refuses(&self, what: &str, at: Option<Place>) -> Interrupt {
        let known = self.weakness.clone();
        let (does, instead, first) = known.unwrap_or_else(|| {
            let does = "uses weak orderings".to_owned();
            (does, "with Ordering::SeqCst everywhere", None)
        });
        Interrupt::Refused {
            reason: format!(
                "it {does}, so that threads may see changes in different orders, and {what} be \
                 explored together with that; {instead} it can be explored"
            ),
            at: at.or(first),
        }
    }

    /// Forgets what can make no difference any more.
    pub(super) fn forget_weak(&mut self) {
        if self.world.weak.is_none() {
            return;
        }
        let threads = self.world.threads.iter();
        let waits: Vec<(u16, usize)> = threads.filter_map(waits_for_an_end).collect();
        let waits = |slot| {
            let mut waits = waits.iter();
            waits
                .find(|(waiting, _)| *waiting == slot)
                .map(|(_, object)| *object)
        };
        let Some(weak) = self.weak() else {
            return;
        };
        weak.forget(&waits);
        if weak.is_overflown() && self.interrupt.is_none() {
            self.interrupt = Some(self.refuses(
                "as many SeqCst accesses, or values of an atomic, that others can still notice can't",
                None,
            ));
        }
    }

    /// A thread is about to go on from its operation.
    pub(super) fn begin_access(&mut self, slot: u16, message: Option<u16>) {
        if self.world.weak.is_none() {
            return;
        }
        let Some(index) = self.find(slot) else {
            return;
        };
        let operation = self.world.threads[index].operation();
        let address = operation.cases.first().and_then(|case| case.object);
        self.pending = operation.access.map(|access| Pending {
            thread: slot,
            address: address.map_or(0, |object| object.address as usize),
            access,
            age: message.unwrap_or(0),
        });
    }

    /// How a thread may go on that is about to access an atomic.
    pub(super) fn accesses(&self, thread: &Thread, access: Access, found: &mut Vec<Alternative>) {
        let operation = thread.operation();
        let (Some(weak), Some(atomic)) = (&self.world.weak, operation.atomic) else {
            return;
        };
        let newest = (atomic.value)();
        for (case, number) in operation.cases.iter().zip(0..) {
            let address = case.object.map_or(0, |object| object.address as usize);
            let fails = matches!(case.ready, Ready::Spurious);
            let way = |value| {
                let changes = (atomic.changes)(value);
                (changes || !fails).then(|| access.way(changes && !fails))
            };
            for age in weak.choices(thread.slot, address, newest, &way) {
                let slot = thread.slot;
                found.push(match age {
                    0 if fails => Alternative::Spurious {
                        thread: slot,
                        case: number,
                    },
                    age => Alternative::One {
                        thread: slot,
                        case: number,
                        message: (age > 0).then_some(age),
                    },
                });
            }
        }
    }
}
