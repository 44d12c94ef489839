//! The enumerator against an operational form of the same model: views instead
//! of relations, as in Kang et al., *A promising semantics for relaxed-memory
//! concurrency* (POPL 2017), without promises, and in Dang et al., *RustBelt
//! meets relaxed memory* (POPL 2020). It has no `SeqCst`.
//!
//! Each location is a list of messages, in the order of its changes. A view
//! says for each location which messages are too old for whoever has it. The
//! next write may go anywhere behind that, but not between a message and the
//! read-modify-write that read it.

use outcomes_litmus::{Model, Orderings, Outcome, Program, Read, Shape, Step, Value};
use outcomes_litmus::{classics, interleavings, outcomes};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

/// By location, the place of the oldest message that can still be read.
type View = Vec<usize>;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Message {
    value: u32,
    /// What whoever acquires it has seen.
    released: View,
    /// Whether a read-modify-write has read it, and comes right after.
    glued: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread {
    started: bool,
    done: usize,
    read: Vec<Read>,
    current: View,
    /// What it sees after its next acquire fence.
    acquired: View,
    /// What it saw at its last release fence.
    fenced: View,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    threads: Vec<Thread>,
    messages: Vec<Vec<Message>>,
}

fn join(view: &mut View, other: &View) {
    for (one, other) in view.iter_mut().zip(other) {
        *one = (*one).max(*other);
    }
}

fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Acquire | AcqRel)
}

fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Release | AcqRel)
}

impl State {
    fn first(program: &Program) -> State {
        let view = vec![0; program.locations()];
        let thread = |number| Thread {
            started: !program.is_spawned(number),
            done: 0,
            read: Vec::new(),
            current: view.clone(),
            acquired: view.clone(),
            fenced: view.clone(),
        };
        let message = Message {
            value: 0,
            released: view.clone(),
            glued: false,
        };
        State {
            threads: (0..program.threads.len()).map(thread).collect(),
            messages: vec![vec![message]; program.locations()],
        }
    }

    /// Reads the message at a place.
    fn read(
        &mut self,
        thread: usize,
        location: usize,
        place: usize,
        ordering: Ordering,
        failed: bool,
    ) {
        let Message {
            value, released, ..
        } = &self.messages[location][place];
        let thread = &mut self.threads[thread];
        thread.read.push(Read {
            value: *value,
            failed,
        });
        thread.current[location] = place;
        thread.acquired[location] = thread.acquired[location].max(place);
        join(&mut thread.acquired, released);
        if acquires(ordering) {
            join(&mut thread.current, released);
        }
    }

    /// Writes a message, to be at this place. A read-modify-write hands on
    /// what the one that it read has released.
    fn write(
        &mut self,
        thread: usize,
        location: usize,
        place: usize,
        value: u32,
        ordering: Ordering,
        changes: bool,
    ) {
        let views = self.threads.iter_mut().flat_map(|thread| {
            [
                &mut thread.current,
                &mut thread.acquired,
                &mut thread.fenced,
            ]
        });
        let messages = self.messages.iter_mut().flatten();
        for view in views.chain(messages.map(|message| &mut message.released)) {
            if view[location] >= place {
                view[location] += 1;
            }
        }
        let writer = &mut self.threads[thread];
        writer.current[location] = place;
        writer.acquired[location] = writer.acquired[location].max(place);
        let mut released = if releases(ordering) {
            writer.current.clone()
        } else {
            writer.fenced.clone()
        };
        let messages = &mut self.messages[location];
        if changes {
            messages[place - 1].glued = true;
            join(&mut released, &messages[place - 1].released);
        }
        // What comes after a message that was glued was there before.
        messages.insert(
            place,
            Message {
                value,
                released,
                glued: false,
            },
        );
    }

    /// All ways in which a thread can do its next step.
    fn after(&self, program: &Program, number: usize) -> Vec<State> {
        let thread = &self.threads[number];
        let Some(&step) = program.threads[number].get(thread.done) else {
            return Vec::new();
        };
        let mut next = self.clone();
        next.threads[number].done += 1;
        let readable = |location: usize| thread.current[location]..self.messages[location].len();
        let change = |location: usize,
                      ordering: Ordering,
                      make: &dyn Fn(u32) -> Option<u32>,
                      failure: Option<(Ordering, bool)>| {
            let mut all = Vec::new();
            for place in readable(location) {
                let message = &self.messages[location][place];
                let made = make(message.value);
                if let Some(value) = made
                    && !message.glued
                {
                    let mut next = next.clone();
                    next.read(number, location, place, ordering, false);
                    next.write(number, location, place + 1, value, ordering, true);
                    all.push(next);
                }
                if let Some((failure, weak)) = failure
                    && (weak || made.is_none())
                {
                    let mut next = next.clone();
                    next.read(number, location, place, failure, true);
                    all.push(next);
                }
            }
            all
        };
        match step {
            Step::Load(location, ordering) => {
                let all = readable(location).map(|place| {
                    let mut next = next.clone();
                    next.read(number, location, place, ordering, false);
                    next
                });
                all.collect()
            }
            Step::Store(location, value, ordering) => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Read(read) => thread.read[read].value,
                };
                let free =
                    readable(location).filter(|&place| !self.messages[location][place].glued);
                let all = free.map(|place| {
                    let mut next = next.clone();
                    next.write(number, location, place + 1, value, ordering, false);
                    next
                });
                all.collect()
            }
            Step::Swap(location, value, ordering) => {
                change(location, ordering, &|_| Some(value), None)
            }
            Step::FetchAdd(location, more, ordering) => change(
                location,
                ordering,
                &|value| Some(value.wrapping_add(more)),
                None,
            ),
            Step::CompareExchange {
                location,
                current,
                new,
                success,
                failure,
                weak,
            } => {
                let make = |value| (value == current).then_some(new);
                change(location, success, &make, Some((failure, weak)))
            }
            Step::EndIfZero(read) => {
                if thread.read[read].value == 0 {
                    next.threads[number].done = usize::MAX;
                }
                vec![next]
            }
            Step::Fence(ordering) => {
                let thread = &mut next.threads[number];
                if acquires(ordering) {
                    thread.current = thread.acquired.clone();
                }
                if releases(ordering) {
                    thread.fenced = thread.current.clone();
                }
                vec![next]
            }
            Step::Spawn(child) => {
                let view = thread.current.clone();
                let child = &mut next.threads[child];
                child.started = true;
                child.current = view.clone();
                child.acquired = view;
                vec![next]
            }
            Step::Join(child) => {
                if program.threads[child]
                    .get(self.threads[child].done)
                    .is_some()
                {
                    return Vec::new();
                }
                let view = self.threads[child].current.clone();
                join(&mut next.threads[number].current, &view);
                join(&mut next.threads[number].acquired, &view);
                vec![next]
            }
        }
    }
}

fn by_views(program: &Program) -> BTreeSet<Outcome> {
    let mut open = vec![State::first(program)];
    let mut known = HashSet::new();
    let mut found = BTreeSet::new();
    while let Some(state) = open.pop() {
        if !known.insert(state.clone()) {
            continue;
        }
        let ended = |(thread, steps): (&Thread, &Vec<Step>)| steps.get(thread.done).is_none();
        if state.threads.iter().zip(&program.threads).all(ended) {
            found.insert(Outcome {
                read: state
                    .threads
                    .iter()
                    .map(|thread| thread.read.clone())
                    .collect(),
                last: state
                    .messages
                    .iter()
                    .map(|all| all.last().unwrap().value)
                    .collect(),
            });
        }
        for thread in 0..state.threads.len() {
            if state.threads[thread].started {
                open.extend(state.after(program, thread));
            }
        }
    }
    found
}

#[test]
fn views_agree() {
    let shape = Shape {
        orderings: Orderings::Weak,
        ..Shape::ALL
    };
    let (mut found, mut weak) = (0, 0);
    let told = std::env::var("OUTCOMES_LITMUS_PROGRAMS").ok();
    let programs = told.map_or(1_000, |number| number.parse().expect("a number"));
    for number in 0..programs {
        let program = shape.program(number);
        let outcomes = outcomes(&program, &Model::RC11);
        assert_eq!(by_views(&program), outcomes, "{program}");
        found += outcomes.len();
        weak += u64::from(interleavings(&program) != outcomes);
    }
    println!("{found} outcomes, {weak} of {programs} with some that no interleaving has");
    assert!(weak > programs / 10, "{weak}");
}

#[test]
fn views_agree_on_the_classics() {
    for classic in classics() {
        if !classic.program.orderings().contains(&SeqCst) {
            let outcomes = outcomes(&classic.program, &Model::RC11);
            assert_eq!(by_views(&classic.program), outcomes, "{}", classic.name);
        }
    }
}
