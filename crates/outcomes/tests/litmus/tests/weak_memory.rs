//! The engine's weak memory alone, without the engine, against the definition:
//! it has the outcomes that RC11 permits, whether it forgets what can make no
//! difference any more or not.
//!
//! `OUTCOMES_LITMUS_PROGRAMS` says how many random programs are compared.

#[allow(dead_code, reason = "the engine has more use for it")]
#[path = "../../../engine/src/weak_memory.rs"]
mod weak_memory;

use outcomes_litmus::{Model, Orderings, Outcome, Program, Read, Shape, Step, Value};
use outcomes_litmus::{classics, interleavings, outcomes};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering::{self, SeqCst};
use weak_memory::{Tracking, Way, WeakMemory};

#[derive(Clone)]
struct State {
    memory: WeakMemory,
    threads: Vec<Thread>,
    /// By location, the newest value.
    newest: Vec<u64>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread {
    started: bool,
    ended: bool,
    done: usize,
    read: Vec<Read>,
}

type Name = (Vec<u8>, Vec<Thread>, Vec<u64>);

/// What is to be kept for a program, and no more.
fn tracking(program: &Program) -> Tracking {
    let mut steps = program.threads.iter().flatten();
    Tracking {
        fences: steps.any(|step| matches!(step, Step::Fence(_))),
        psc: program.orderings().contains(&SeqCst),
    }
}

fn slot(thread: usize) -> u16 {
    u16::try_from(thread).unwrap()
}

impl State {
    fn first(program: &Program) -> State {
        let thread = |number| Thread {
            started: !program.is_spawned(number),
            ended: false,
            done: 0,
            read: Vec::new(),
        };
        let threads: Vec<Thread> = (0..program.threads.len()).map(thread).collect();
        let mut memory = WeakMemory::new(tracking(program));
        for (number, thread) in threads.iter().enumerate() {
            if thread.started {
                memory.start(slot(number), None);
            }
        }
        State {
            memory,
            threads,
            newest: vec![0; program.locations()],
        }
    }

    fn name(&self) -> Name {
        let mut bytes = Vec::new();
        self.memory.write_name(&mut bytes);
        // What is counted is no less than what is there.
        assert!(self.memory.size() >= bytes.len());
        (bytes, self.threads.clone(), self.newest.clone())
    }

    /// All ways to access a location. `way` says by the value there what is
    /// done and whether it fails; `make` what is written.
    fn accesses(
        &self,
        number: usize,
        location: usize,
        reads: bool,
        way: &dyn Fn(u32) -> Option<(Way, bool)>,
        make: &dyn Fn(u32) -> u32,
    ) -> Vec<State> {
        let narrow = |value: u64| u32::try_from(value).unwrap();
        let newest = self.newest[location];
        let ages = self
            .memory
            .choices(slot(number), location, newest, &|value| {
                way(narrow(value)).map(|(way, _)| way)
            });
        let states = ages.into_iter().map(|age| {
            let mut next = self.clone();
            let value = narrow(next.memory.value(location, newest, age));
            let (way, failed) = way(value).unwrap();
            if reads {
                next.threads[number].read.push(Read { value, failed });
            }
            let made = make(value).into();
            next.newest[location] =
                next.memory
                    .access(slot(number), location, newest, age, way, made);
            next
        });
        states.collect()
    }

    /// All ways in which a thread can do its next step.
    fn after(&self, program: &Program, number: usize) -> Vec<State> {
        let thread = &self.threads[number];
        if thread.ended {
            return Vec::new();
        }
        let mut before = self.clone();
        before.threads[number].done += 1;
        let steps = &program.threads[number];
        let Some(&step) = steps.get(thread.done) else {
            before.threads[number].ended = true;
            before.memory.end(slot(number));
            return vec![before];
        };
        let load = |ordering: Ordering| move |_| Some((Way::Read(ordering), false));
        let change = |ordering: Ordering| move |_| Some((Way::Change(ordering), false));
        match step {
            Step::Load(location, ordering) => {
                before.accesses(number, location, true, &load(ordering), &|_| 0)
            }
            Step::Store(location, value, ordering) => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Read(read) => thread.read[read].value,
                };
                let way = |_| Some((Way::Write(ordering), false));
                before.accesses(number, location, false, &way, &|_| value)
            }
            Step::Swap(location, value, ordering) => {
                before.accesses(number, location, true, &change(ordering), &|_| value)
            }
            Step::FetchAdd(location, more, ordering) => {
                let add = |value: u32| value.wrapping_add(more);
                before.accesses(number, location, true, &change(ordering), &add)
            }
            Step::CompareExchange {
                location,
                current,
                new,
                success,
                failure,
                weak,
            } => {
                let fails = (Way::Read(failure), true);
                let way = |value| {
                    Some(if value == current {
                        (Way::Change(success), false)
                    } else {
                        fails
                    })
                };
                let mut all = before.accesses(number, location, true, &way, &|_| new);
                if weak {
                    let fails = |value| (value == current).then_some(fails);
                    all.extend(before.accesses(number, location, true, &fails, &|_| 0));
                }
                all
            }
            Step::EndIfZero(read) => {
                if thread.read[read].value == 0 {
                    before.threads[number].done = steps.len();
                }
                vec![before]
            }
            Step::Fence(ordering) => {
                before.memory.fence(slot(number), ordering);
                vec![before]
            }
            Step::Spawn(child) => {
                before.threads[child].started = true;
                before.memory.start(slot(child), Some(slot(number)));
                before.memory.stands_for(child, slot(child));
                vec![before]
            }
            Step::Join(child) => {
                if !self.threads[child].ended {
                    return Vec::new();
                }
                before.memory.join(slot(number), slot(child));
                vec![before]
            }
        }
    }
}

/// The outcomes, and in how many states they were found.
fn by_memory(program: &Program, forget: bool) -> (BTreeSet<Outcome>, usize) {
    let mut open = vec![State::first(program)];
    let mut known = HashSet::new();
    let mut found = BTreeSet::new();
    while let Some(mut state) = open.pop() {
        if forget {
            let joins = |slot: u16| {
                let (thread, steps) = (usize::from(slot), &program.threads[usize::from(slot)]);
                match steps.get(state.threads[thread].done) {
                    Some(Step::Join(child)) => Some(*child),
                    _ => None,
                }
            };
            let mut memory = state.memory.clone();
            memory.forget(&joins);
            state.memory = memory;
        }
        assert!(!state.memory.is_overflown(), "{program}");
        if !known.insert(state.name()) {
            continue;
        }
        if state.threads.iter().all(|thread| thread.ended) {
            found.insert(Outcome {
                read: state
                    .threads
                    .iter()
                    .map(|thread| thread.read.clone())
                    .collect(),
                last: state
                    .newest
                    .iter()
                    .map(|&value| u32::try_from(value).unwrap())
                    .collect(),
            });
        }
        for thread in 0..state.threads.len() {
            if state.threads[thread].started {
                open.extend(state.after(program, thread));
            }
        }
    }
    (found, known.len())
}

#[derive(Default)]
struct Tally {
    outcomes: usize,
    weak: u64,
    forgetful: usize,
    mindful: usize,
}

impl Tally {
    fn compare(&mut self, program: &Program) {
        let permitted = outcomes(program, &Model::RC11);
        let (found, states) = by_memory(program, true);
        assert_eq!(found, permitted, "where it forgets:\n{program}");
        self.forgetful += states;
        let (found, states) = by_memory(program, false);
        assert_eq!(found, permitted, "where it doesn't forget:\n{program}");
        self.mindful += states;
        self.outcomes += permitted.len();
        self.weak += u64::from(interleavings(program) != permitted);
    }
}

#[test]
fn random_programs() {
    let told = std::env::var("OUTCOMES_LITMUS_PROGRAMS").ok();
    let programs = told.map_or(300, |number| number.parse().expect("a number"));
    for orderings in [Orderings::All, Orderings::Weak] {
        let shape = Shape {
            orderings,
            ..Shape::ALL
        };
        let mut tally = Tally::default();
        for number in 0..programs {
            tally.compare(&shape.program(number));
        }
        let Tally {
            outcomes,
            weak,
            forgetful,
            mindful,
        } = tally;
        println!(
            "{outcomes} outcomes, {weak} of {programs} programs with some that no interleaving \
             has; {forgetful} states, {mindful} where nothing is forgotten"
        );
        assert!(weak > programs / 10, "{weak}");
        // To forget is of use in loops, which these have not; it does no harm here.
        assert!(forgetful < mindful + mindful / 20, "{forgetful} {mindful}");
    }
}

#[test]
fn the_classics() {
    let mut tally = Tally::default();
    for classic in classics() {
        tally.compare(&classic.program);
    }
}
