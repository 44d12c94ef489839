//! Who has what: who holds which lock, which ends of channels are left, which
//! threads are gone. Kept while a schedule is replayed for a report, and only
//! then, outside the program's memory: so its states are the same whether it is
//! kept or not.

use super::sweeping::{apart, sweep};
use super::threads::Thread;
use super::weak::{acquire_views, release_views, views_stand_for};
use super::{Machine, RUNNING, is_modelled, with_machine};
use crate::model::{Object, Ready, Side, ThreadId};
use crate::places::place;
use crate::{Contended, End, Holder, Link, Panic, Standstill, Who};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::Location;
use std::ptr;

/// The mode of a lock that others may hold as well.
const READING: &str = "reading";

thread_local! {
    /// Whether anybody wants to know.
    static KEPT: Cell<bool> = const { Cell::new(false) };
}

/// See the module. Objects go by their addresses.
#[derive(Default)]
pub(super) struct Ledger {
    held: BTreeMap<usize, Vec<Hold>>,
    ends: BTreeMap<usize, Vec<Kept>>,
    /// The threads whose end can be waited for by an object.
    threads: BTreeMap<usize, Vec<u16>>,
    /// What threads are called, gone or not.
    names: BTreeMap<u16, Who>,
    panics: Vec<Panic>,
    /// Who has ended by a panic.
    dead: BTreeSet<u16>,
}

/// A lock that is held.
struct Hold {
    thread: u16,
    mode: &'static str,
    since: &'static Location<'static>,
}

/// An end of a channel that is left.
struct Kept {
    kind: &'static str,
    made: &'static Location<'static>,
    /// Who has it; `None` once it may have gone anywhere.
    owner: Option<u16>,
}

fn keep(write: impl FnOnce(&mut Ledger, u16)) {
    // Also where nothing is kept: see `sweep`.
    apart(|| keep_if_wanted(write));
    sweep();
}

fn keep_if_wanted(write: impl FnOnce(&mut Ledger, u16)) {
    if KEPT.get() && is_modelled() {
        with_machine(|machine| {
            if let Some(ledger) = &mut machine.ledger {
                write(ledger, RUNNING.get());
            }
        });
    }
}

/// The calling thread holds a lock from here on.
pub(crate) fn holding(object: Object, mode: &'static str, since: &'static Location<'static>) {
    let address = object.address as usize;
    acquire_views(address, Side::Only);
    // Who reads need not see what others saw who read.
    if mode != READING {
        acquire_views(address, Side::Shared);
    }
    keep(|ledger, thread| {
        let holds = ledger.held.entry(object.address as usize).or_default();
        holds.push(Hold {
            thread,
            mode,
            since,
        });
    });
}

/// The calling thread gives a lock back.
pub(crate) fn gave_back(object: Object, mode: &'static str) {
    let side = if mode == READING {
        Side::Shared
    } else {
        Side::Only
    };
    release_views(object.address as usize, side);
    keep(|ledger, thread| {
        let holds = ledger.held.entry(object.address as usize).or_default();
        let own = holds.iter().rposition(|hold| hold.thread == thread);
        if let Some(index) = own.or(holds.len().checked_sub(1)) {
            holds.remove(index);
        }
    });
}

/// The calling thread has a new end of a channel.
pub(crate) fn end_made(object: Object, kind: &'static str, made: &'static Location<'static>) {
    keep(|ledger, thread| {
        let ends = ledger.ends.entry(object.address as usize).or_default();
        ends.push(Kept {
            kind,
            made,
            owner: Some(thread),
        });
    });
}

/// An end of a channel is gone; where it was made matters if it is known.
pub(crate) fn end_gone(
    object: Object,
    kind: &'static str,
    made: Option<&'static Location<'static>>,
) {
    keep(|ledger, thread| {
        let ends = ledger.ends.entry(object.address as usize).or_default();
        let fits = |end: &Kept| end.kind == kind && made.is_none_or(|made| ptr::eq(end.made, made));
        let own = ends
            .iter()
            .rposition(|end| fits(end) && end.owner == Some(thread));
        if let Some(index) = own.or_else(|| ends.iter().rposition(fits)) {
            ends.remove(index);
        }
    });
}

/// Who waits for the object waits for this thread's end.
pub(crate) fn stands_for(object: Object, thread: ThreadId) {
    views_stand_for(object.address as usize, thread);
    keep(|ledger, _| {
        let threads = ledger.threads.entry(object.address as usize).or_default();
        threads.push(thread.slot());
    });
}

/// The calling thread ends by a panic.
pub(crate) fn ends_by_panic() {
    keep(|ledger, thread| {
        ledger.dead.insert(thread);
    });
}

/// A value leaves the calling thread for another, or for anywhere.
pub(crate) fn moves<T: ?Sized>(value: &T, to: Option<u16>) {
    keep(|ledger, thread| ledger.moves(&words_of(value), thread, to));
}

/// The words of a value's own memory.
fn words_of<T: ?Sized>(value: &T) -> Vec<usize> {
    let start = ptr::from_ref(value).cast::<u8>();
    let skipped = start.align_offset(align_of::<usize>());
    let count = size_of_val(value).saturating_sub(skipped) / size_of::<usize>();
    let words = (0..count).map(|index| {
        // SAFETY: within the value. Bytes that are padding are read as what
        // they happen to be, which at worst looks like an end of a channel.
        unsafe {
            start
                .add(skipped)
                .cast::<usize>()
                .add(index)
                .read_volatile()
        }
    });
    words.collect()
}

/// An `Arc` points this far before what it holds.
const BEFORE: usize = 2 * size_of::<usize>();

impl Ledger {
    /// A sender lies in memory as the address of its channel and that of the
    /// place where it was made, side by side; a receiver as the former alone.
    fn moves(&mut self, words: &[usize], from: u16, to: Option<u16>) {
        for (index, word) in words.iter().enumerate() {
            let Some(ends) = self.ends.get_mut(&(word.wrapping_add(BEFORE))) else {
                continue;
            };
            let beside = [index.wrapping_sub(1), index + 1];
            let beside = beside.map(|index| words.get(index).copied());
            let is_made = |end: &Kept| beside.contains(&Some(ptr::from_ref(end.made) as usize));
            let own = |end: &Kept| end.owner == Some(from);
            let sender = ends
                .iter()
                .rposition(|end| own(end) && end.kind == "sender" && is_made(end));
            let end = sender.or_else(|| {
                ends.iter()
                    .rposition(|end| own(end) && end.kind == "receiver")
            });
            if let Some(end) = end {
                ends[end].owner = to;
            }
        }
    }
}

impl Machine {
    /// Starts, or stops, to keep the ledger.
    pub(crate) fn keep_ledger(&mut self, kept: bool) {
        KEPT.set(kept);
        self.ledger = kept.then(Ledger::default);
    }

    /// The program is started over.
    pub(super) fn clear_ledger(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            *ledger = Ledger::default();
        }
    }

    pub(super) fn ledger_thread(&mut self, slot: u16) {
        if self.ledger.is_none() {
            return;
        }
        let index = self.find(slot).expect("just added");
        let who = self.who(&self.world.threads[index]);
        if let Some(ledger) = &mut self.ledger {
            ledger.names.insert(slot, who);
        }
    }

    pub(super) fn ledger_panic(&mut self, panic: &Panic) {
        if let Some(ledger) = &mut self.ledger {
            ledger.panics.push(panic.clone());
        }
    }

    /// Who waits for what, and, as far as the ledger was kept, who has it.
    pub(crate) fn standstill(&self) -> Standstill {
        let mut standstill = Standstill {
            blocked: self.blocked(),
            ..Standstill::default()
        };
        let Some(ledger) = &self.ledger else {
            return standstill;
        };
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for (thread, blocked) in self.world.threads.iter().zip(&mut standstill.blocked) {
            for (case, wait) in thread.operation().cases.iter().zip(&mut blocked.waits) {
                let Some((address, contended)) =
                    self.contended(ledger, thread, case.ready, case.object)
                else {
                    continue;
                };
                let next = standstill.objects.len();
                let number = *numbers.entry(address).or_insert(next);
                if number == next {
                    standstill.objects.push(contended);
                }
                wait.on = Some(number);
            }
            // A case for no reason is the same wait once more.
            blocked.waits.dedup();
        }
        for (thread, blocked) in self.world.threads.iter().zip(&mut standstill.blocked) {
            let address = address_of(thread);
            let targets = address.and_then(|address| ledger.threads.get(&address));
            if let (Some([target]), Some(wait)) =
                (targets.map(Vec::as_slice), blocked.waits.first_mut())
                && wait.object.as_deref() == Some("thread")
            {
                wait.name = ledger.names.get(target).map(Who::short);
            }
        }
        let gone = ledger.panics.iter().filter(|panic| {
            let thread = panic.who.thread;
            ledger.dead.contains(&thread) && self.find(thread).is_none()
        });
        standstill.gone = gone.cloned().collect();
        standstill.cycle = self.cycle(ledger, &standstill);
        standstill
    }

    /// More about what a case waits for, if there is more to say.
    fn contended(
        &self,
        ledger: &Ledger,
        thread: &Thread,
        ready: Ready<'_>,
        object: Option<Object>,
    ) -> Option<(usize, Contended)> {
        let object = match ready {
            Ready::Print(stream) | Ready::Lock(stream) => stream.object(),
            _ => object?,
        };
        let address = object.address as usize;
        let mut contended = Contended {
            kind: object.kind.to_owned(),
            name: None,
            created: object.created.and_then(place),
            held: Vec::new(),
            ends: Vec::new(),
        };
        match ready {
            Ready::Print(stream) | Ready::Lock(stream) => {
                let held = self.held_by_other(stream, thread.slot)?;
                contended
                    .held
                    .push(self.holder(ledger, held.thread, "", held.at)?);
            }
            _ => {
                for hold in ledger.held.get(&address).into_iter().flatten() {
                    let holder = self.holder(ledger, hold.thread, hold.mode, hold.since);
                    contended.held.extend(holder);
                }
                for kept in ledger.ends.get(&address).into_iter().flatten() {
                    let owner = kept.owner.filter(|&owner| self.find(owner).is_some());
                    let owner = owner.and_then(|owner| ledger.names.get(&owner).cloned());
                    let made = place(kept.made);
                    let mut known = contended.ends.iter_mut();
                    let same = known.find(|end: &&mut End| {
                        end.kind == kept.kind && end.made == made && end.owner == owner
                    });
                    match same {
                        Some(end) => end.count += 1,
                        None => contended.ends.push(End {
                            kind: kept.kind.to_owned(),
                            count: 1,
                            made,
                            owner,
                        }),
                    }
                }
            }
        }
        let is_more = !contended.held.is_empty() || !contended.ends.is_empty();
        is_more.then_some((address, contended))
    }

    fn holder(
        &self,
        ledger: &Ledger,
        thread: u16,
        mode: &str,
        since: &Location<'_>,
    ) -> Option<Holder> {
        Some(Holder {
            who: ledger.names.get(&thread)?.clone(),
            mode: (!mode.is_empty()).then(|| mode.to_owned()),
            since: place(since),
            finished: self.find(thread).is_none(),
        })
    }

    /// Whom a thread waits for, as far as that is known.
    fn waits_for(&self, ledger: &Ledger, thread: &Thread) -> Vec<u16> {
        let mut cases = thread.operation().cases.iter().filter(|case| {
            // Of a reader's two, the other says when nobody holds the lock.
            !matches!(
                case.ready,
                Ready::Spurious | Ready::Perhaps(_) | Ready::UnlessAwaited(..)
            )
        });
        let (Some(case), None) = (cases.next(), cases.next()) else {
            return Vec::new();
        };
        let owners = |address: usize, kind| {
            let ends = ledger.ends.get(&address).into_iter().flatten();
            let owners = ends.filter(move |end: &&Kept| end.kind == kind);
            owners.filter_map(|end| end.owner).collect()
        };
        let address = case.object.map_or(0, |object| object.address as usize);
        match case.ready {
            Ready::Print(stream) | Ready::Lock(stream) => {
                let held = self.held_by_other(stream, thread.slot);
                held.map(|held| held.thread).into_iter().collect()
            }
            Ready::Receive(_) => owners(address, "sender"),
            Ready::Send(_) => owners(address, "receiver"),
            _ => {
                let reads = case.action == "lock for reading";
                let holds = ledger.held.get(&address).into_iter().flatten();
                // Readers don't hold each other back.
                let holders = holds
                    .filter(|hold| !(reads && hold.mode == "reading"))
                    .map(|hold| hold.thread);
                let threads = ledger.threads.get(&address).into_iter().flatten();
                let mut all: Vec<u16> = holders.chain(threads.copied()).collect();
                // A writer that waits may hold back readers.
                if reads {
                    let others = self.world.threads.iter().filter(|other| {
                        address_of(other) == Some(address)
                            && other.operation().cases[0].action == "lock for writing"
                    });
                    all.extend(others.map(|other| other.slot));
                }
                all
            }
        }
    }

    /// A shortest circle of threads that wait for each other.
    fn cycle(&self, ledger: &Ledger, standstill: &Standstill) -> Vec<Link> {
        let threads = self.world.threads.iter();
        let next: BTreeMap<u16, Vec<u16>> = threads
            .map(|thread| (thread.slot, self.waits_for(ledger, thread)))
            .collect();
        let cycles = next.keys().filter_map(|&start| {
            let mut came: BTreeMap<u16, u16> = BTreeMap::new();
            let mut open = VecDeque::from([start]);
            while let Some(thread) = open.pop_front() {
                for &to in next.get(&thread).into_iter().flatten() {
                    if to == start {
                        let mut cycle = vec![thread];
                        while let Some(&before) = came.get(&cycle[cycle.len() - 1]) {
                            cycle.push(before);
                        }
                        cycle.reverse();
                        return Some(cycle);
                    }
                    if next.contains_key(&to) && !came.contains_key(&to) {
                        came.insert(to, thread);
                        open.push_back(to);
                    }
                }
            }
            None
        });
        let shortest = cycles.min_by_key(Vec::len).unwrap_or_default();
        let links = shortest.into_iter().map(|thread| {
            let mut blocked = standstill.blocked.iter();
            let blocked = blocked.find(|blocked| blocked.who.thread == thread);
            let wait = blocked.and_then(|blocked| blocked.waits.first());
            Link {
                thread,
                on: wait.and_then(|wait| wait.on),
            }
        });
        links.collect()
    }
}

/// What a thread's first case is about.
fn address_of(thread: &Thread) -> Option<usize> {
    let case = thread.operation().cases.first()?;
    case.object.map(|object| object.address as usize)
}
