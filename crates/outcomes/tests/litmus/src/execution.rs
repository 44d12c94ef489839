//! Executions: graphs of events (section 3 of the paper, *Executions*).

use crate::program::{Location, Program, Read, Step, Value};
use crate::relation::{Relation, Set, members};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// One event. A read-modify-write is two, as in the paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// `None` for the writes that make each location 0 at first.
    pub(crate) thread: Option<usize>,
    pub(crate) label: Label,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Label {
    Read(Location, Ordering, Expects),
    Write(Location, Ordering, Writes),
    Fence(Ordering),
    /// A spawn or a join, or a spawned thread's beginning or end: orders, and
    /// nothing else.
    Thread,
}

/// What a read must find, for the execution to be the one that was guessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expects {
    Anything,
    /// Exchanges it.
    Exchanged(u32),
    /// Would have exchanged it; a weak one may fail on that all the same.
    Failed {
        unless: u32,
        weak: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Writes {
    Constant(u32),
    /// What that event has read, plus something.
    Read(usize, u32),
}

/// An execution as far as it is known. What is only known later on is missing
/// from `rf` and `mo`.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) events: Vec<Event>,
    /// Sequenced before: in one thread; and first writes before all.
    pub(crate) sb: Relation,
    /// From a read-modify-write's read to its write.
    pub(crate) rmw: Relation,
    /// From a spawn to the thread's beginning, and from its end to the join. As
    /// in C++, these are events of their own: what a thread does last is not
    /// the same as its end.
    pub(crate) threads: Relation,
    /// From writes to who reads from them.
    pub(crate) rf: Relation,
    /// The modification order of each location.
    pub(crate) mo: Relation,
    pub(crate) same_location: Relation,
    /// Reads on which it depended whether their thread went on, and whether it
    /// did.
    went_on: Vec<(usize, bool)>,
    pub(crate) sets: Sets,
}

/// The paper's `R`, `W`, `F`, `E⊒rel`, `E⊒acq` and `Esc`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sets {
    pub(crate) reads: Set,
    pub(crate) writes: Set,
    pub(crate) fences: Set,
    pub(crate) releases: Set,
    pub(crate) acquires: Set,
    pub(crate) sc: Set,
}

/// Of a read-modify-write that is `ordering`, how it reads.
fn reading(ordering: Ordering) -> Ordering {
    match ordering {
        Release => Relaxed,
        AcqRel => Acquire,
        ordering => ordering,
    }
}

/// Of a read-modify-write that is `ordering`, how it writes.
fn writing(ordering: Ordering) -> Ordering {
    match ordering {
        Acquire => Relaxed,
        AcqRel => Release,
        ordering => ordering,
    }
}

impl Execution {
    /// All events of a program, with nothing read and no order of writes yet.
    /// The bits of `guesses` say, in the order of the threads' steps, which
    /// compare-exchanges succeed, and which threads that might end go on.
    /// `None` if there are more than it takes.
    pub(crate) fn new(program: &Program, mut guesses: u64) -> Option<Execution> {
        let mut events: Vec<Event> = (0..program.locations())
            .map(|location| Event {
                thread: None,
                label: Label::Write(location, Relaxed, Writes::Constant(0)),
            })
            .collect();
        let mut guess = || {
            let bit = guesses & 1;
            guesses >>= 1;
            bit == 1
        };
        let (mut rmw, mut went_on) = (Vec::new(), Vec::new());
        let (mut spawned, mut joined) = (Vec::new(), Vec::new());
        let mut bounds = Vec::new();
        for (thread, steps) in program.threads.iter().enumerate() {
            // The events that read, one for each step that does.
            let mut reads = Vec::new();
            let is_spawned = program.is_spawned(thread);
            let bound = Event {
                thread: Some(thread),
                label: Label::Thread,
            };
            let begin = events.len();
            events.extend(is_spawned.then_some(bound));
            for step in steps {
                let number = events.len();
                let mut push = |label| {
                    events.push(Event {
                        thread: Some(thread),
                        label,
                    });
                };
                let anything = Expects::Anything;
                match *step {
                    Step::Load(at, ordering) => push(Label::Read(at, ordering, anything)),
                    Step::Store(at, value, ordering) => {
                        let writes = match value {
                            Value::Constant(value) => Writes::Constant(value),
                            Value::Read(read) => Writes::Read(reads[read], 0),
                        };
                        push(Label::Write(at, ordering, writes));
                    }
                    Step::Swap(at, value, ordering) => {
                        push(Label::Read(at, reading(ordering), anything));
                        push(Label::Write(at, writing(ordering), Writes::Constant(value)));
                        rmw.push(number);
                    }
                    Step::FetchAdd(at, value, ordering) => {
                        push(Label::Read(at, reading(ordering), anything));
                        push(Label::Write(
                            at,
                            writing(ordering),
                            Writes::Read(number, value),
                        ));
                        rmw.push(number);
                    }
                    Step::CompareExchange {
                        location,
                        current,
                        new,
                        success,
                        failure,
                        weak,
                    } => {
                        if guess() {
                            let expects = Expects::Exchanged(current);
                            push(Label::Read(location, reading(success), expects));
                            push(Label::Write(
                                location,
                                writing(success),
                                Writes::Constant(new),
                            ));
                            rmw.push(number);
                        } else {
                            let expects = Expects::Failed {
                                unless: current,
                                weak,
                            };
                            push(Label::Read(location, failure, expects));
                        }
                    }
                    Step::EndIfZero(read) => {
                        let goes_on = guess();
                        went_on.push((reads[read], goes_on));
                        if !goes_on {
                            break;
                        }
                    }
                    Step::Fence(ordering) => push(Label::Fence(ordering)),
                    Step::Spawn(thread) => {
                        push(Label::Thread);
                        spawned.push((number, thread));
                    }
                    Step::Join(thread) => {
                        push(Label::Thread);
                        joined.push((number, thread));
                    }
                }
                if step.reads() {
                    reads.push(number);
                }
            }
            bounds.push((begin, events.len()));
            events.extend(is_spawned.then_some(bound));
        }
        if guesses != 0 {
            return None;
        }
        let count = events.len();
        let relation = |holds: &dyn Fn(usize, usize) -> bool| {
            let mut relation = Relation::empty(count);
            for one in 0..count {
                for other in 0..count {
                    if holds(one, other) {
                        relation.insert(one, other);
                    }
                }
            }
            relation
        };
        let thread = |event: usize| events[event].thread;
        Some(Execution {
            // Events are numbered in the order of the program.
            sb: relation(&|one, other| match thread(one) {
                None => thread(other).is_some(),
                same => thread(other) == same && one < other,
            }),
            rmw: relation(&|one, other| rmw.contains(&one) && other == one + 1),
            threads: relation(&|one, other| {
                let begins =
                    |&(spawn, thread): &(usize, usize)| one == spawn && other == bounds[thread].0;
                let ends =
                    |&(join, thread): &(usize, usize)| one == bounds[thread].1 && other == join;
                spawned.iter().any(begins) || joined.iter().any(ends)
            }),
            rf: Relation::empty(count),
            mo: Relation::empty(count),
            same_location: relation(&|one, other| {
                let location = events[one].location();
                location.is_some() && location == events[other].location()
            }),
            went_on,
            sets: Sets::of(&events),
            events,
        })
    }

    /// What each event reads or writes, once it is known from where all read.
    /// `None` where a value depends on itself.
    pub(crate) fn values(&self) -> Option<Vec<Option<u32>>> {
        let sources = self.rf.inverse();
        let mut values: Vec<Option<u32>> = vec![None; self.events.len()];
        // Each round finds one at least, or there is none to find.
        for _ in 0..self.events.len() {
            for (number, event) in self.events.iter().enumerate() {
                values[number] = match event.label {
                    Label::Read(..) => sources.of(number).next().and_then(|write| values[write]),
                    Label::Write(_, _, Writes::Constant(value)) => Some(value),
                    Label::Write(_, _, Writes::Read(read, more)) => {
                        values[read].map(|value| value.wrapping_add(more))
                    }
                    Label::Fence(_) | Label::Thread => None,
                };
            }
        }
        let accesses = self.sets.reads | self.sets.writes;
        members(accesses)
            .all(|event| values[event].is_some())
            .then_some(values)
    }

    /// What each thread has read; `None` where that isn't what was guessed.
    pub(crate) fn read(&self, values: &[Option<u32>], threads: usize) -> Option<Vec<Vec<Read>>> {
        let goes_on = |read: usize| values[read] != Some(0);
        if self
            .went_on
            .iter()
            .any(|&(read, went_on)| went_on != goes_on(read))
        {
            return None;
        }
        let mut read = vec![Vec::new(); threads];
        for (event, value) in self.events.iter().zip(values) {
            let (Some(thread), Label::Read(_, _, expects)) = (event.thread, event.label) else {
                continue;
            };
            let value = value.expect("it is known what is read");
            let as_guessed = match expects {
                Expects::Anything => true,
                Expects::Exchanged(current) => value == current,
                Expects::Failed { unless, weak } => weak || value != unless,
            };
            if !as_guessed {
                return None;
            }
            let failed = matches!(expects, Expects::Failed { .. });
            read[thread].push(Read { value, failed });
        }
        Some(read)
    }
}

impl Event {
    pub(crate) fn location(&self) -> Option<Location> {
        match self.label {
            Label::Read(location, ..) | Label::Write(location, ..) => Some(location),
            Label::Fence(_) | Label::Thread => None,
        }
    }
}

impl Sets {
    fn of(events: &[Event]) -> Sets {
        let mut sets = Sets::default();
        for (number, event) in events.iter().enumerate() {
            let bit = 1 << number;
            let ordering = match event.label {
                Label::Read(_, ordering, _) => {
                    sets.reads |= bit;
                    ordering
                }
                Label::Write(_, ordering, _) => {
                    sets.writes |= bit;
                    ordering
                }
                Label::Fence(ordering) => {
                    sets.fences |= bit;
                    ordering
                }
                Label::Thread => continue,
            };
            if matches!(ordering, Release | AcqRel | SeqCst) {
                sets.releases |= bit;
            }
            if matches!(ordering, Acquire | AcqRel | SeqCst) {
                sets.acquires |= bit;
            }
            if ordering == SeqCst {
                sets.sc |= bit;
            }
        }
        sets
    }
}
