//! The enumerator against an operational form of the same model: views instead
//! of relations, as in Kang et al., *A promising semantics for relaxed-memory
//! concurrency* (POPL 2017), without promises, and in Dang et al., *RustBelt
//! meets relaxed memory* (POPL 2020).
//!
//! Each location is a list of messages, in the order of its changes. A view
//! says for each location which messages are too old for whoever has it. The
//! next write may go anywhere behind that, but not between a message and the
//! read-modify-write that read it.
//!
//! Those two have no `SeqCst` accesses. For psc, views also say which of them
//! came before, in the three ways that make a difference there; what each
//! access or fence adds to psc is known when it happens, since happens-before
//! never leads to what has happened already. Only a write that goes between
//! others, and a read of an old message, lead there: so messages keep what psc
//! orders before what comes after them, and fences what they had seen.

use outcomes_litmus::{Location, Model, Orderings, Outcome, Program, Read, Shape, Step, Value};
use outcomes_litmus::{classics, interleavings, outcomes};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

/// By location, a place in the list of its messages.
type View = Vec<usize>;

/// Some of the program's `SeqCst` accesses and fences, by the numbers of their
/// steps.
type Nodes = u64;

/// What has happened before: of a thread, before it goes on; of a message,
/// before whoever acquires it goes on.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Seen {
    /// The newest messages that were read or written.
    accessed: View,
    /// The newest messages that were written.
    written: View,
    /// `SeqCst` fences.
    fences: Nodes,
    /// By location, fences that were before some access to it.
    fenced: Vec<Nodes>,
    /// `SeqCst` accesses.
    accesses: Nodes,
    /// Those that are ordered by psc before any `SeqCst` fence that comes now:
    /// something came after them in their thread, or at their location.
    settled: Nodes,
    /// Those after which their thread did something elsewhere.
    left: Nodes,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Message {
    value: u32,
    /// What whoever acquires it has seen.
    released: Seen,
    /// Whether a read-modify-write has read it, and comes right after.
    glued: bool,
    /// Its number, if it is `SeqCst`.
    node: Option<usize>,
    /// What psc orders before whatever is after this message: who wrote it,
    /// if that is `SeqCst`, and the fences before.
    writer: Nodes,
    /// The same for those who have read it.
    readers: Nodes,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread {
    started: bool,
    done: usize,
    read: Vec<Read>,
    now: Seen,
    /// What it has seen after its next acquire fence.
    acquired: Seen,
    /// What it had seen at its last release fence.
    fenced: Seen,
    /// Its own `SeqCst` accesses.
    own: Nodes,
    /// Those of them after which it did nothing elsewhere.
    staying: Nodes,
    /// The location of its last event.
    location: Option<Location>,
    /// What its last event elsewhere had seen of [`Seen::left`].
    left_elsewhere: Nodes,
}

/// What is kept of a `SeqCst` access or fence; of another step, nothing.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Node {
    /// Which nodes psc orders after it.
    after: Nodes,
    /// Of an access.
    location: Option<Location>,
    /// What a fence had seen.
    seen: Option<Seen>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    threads: Vec<Thread>,
    messages: Vec<Vec<Message>>,
    /// By step.
    nodes: Vec<Node>,
}

impl Seen {
    fn nothing(locations: usize) -> Seen {
        Seen {
            accessed: vec![0; locations],
            written: vec![0; locations],
            fenced: vec![0; locations],
            ..Seen::default()
        }
    }

    fn join(&mut self, other: &Seen) {
        let newest = |one: &mut View, other: &View| {
            for (one, other) in one.iter_mut().zip(other) {
                *one = (*one).max(*other);
            }
        };
        newest(&mut self.accessed, &other.accessed);
        newest(&mut self.written, &other.written);
        for (one, other) in self.fenced.iter_mut().zip(&other.fenced) {
            *one |= other;
        }
        self.fences |= other.fences;
        self.accesses |= other.accesses;
        self.settled |= other.settled;
        self.left |= other.left;
    }

    /// Makes room for a message.
    fn shift(&mut self, location: Location, place: usize) {
        for view in [&mut self.accessed, &mut self.written] {
            if view[location] >= place {
                view[location] += 1;
            }
        }
    }
}

fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Acquire | AcqRel | SeqCst)
}

fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Release | AcqRel | SeqCst)
}

fn members(nodes: Nodes) -> impl Iterator<Item = usize> {
    (0..64).filter(move |node| nodes & 1 << node != 0)
}

impl Thread {
    /// Something happens at a location, or at none.
    fn begin_event(&mut self, location: Option<Location>) {
        self.now.settled |= self.own;
        if location.is_none() || location != self.location {
            self.left_elsewhere = self.now.left;
            self.now.left |= self.staying;
            self.staying = 0;
            self.location = location;
        }
        self.acquired.join(&self.now);
    }
}

/// An access as far as it has got.
#[derive(Clone, Copy)]
struct Event {
    thread: usize,
    location: Location,
    /// Its number, if it is `SeqCst`.
    node: Option<usize>,
}

impl State {
    fn first(program: &Program) -> State {
        let nothing = Seen::nothing(program.locations());
        let thread = |number| Thread {
            started: !program.is_spawned(number),
            done: 0,
            read: Vec::new(),
            now: nothing.clone(),
            acquired: nothing.clone(),
            fenced: nothing.clone(),
            own: 0,
            staying: 0,
            location: None,
            left_elsewhere: 0,
        };
        let message = Message {
            value: 0,
            released: nothing.clone(),
            glued: false,
            node: None,
            writer: 0,
            readers: 0,
        };
        State {
            threads: (0..program.threads.len()).map(thread).collect(),
            messages: vec![vec![message]; program.locations()],
            nodes: vec![Node::default(); program.threads.iter().map(Vec::len).sum()],
        }
    }

    /// Orders nodes by psc. A cycle shows in [`State::is_consistent`].
    fn order(&mut self, before: Nodes, after: usize) {
        for one in members(before).filter(|&one| one != after) {
            let reached = self.nodes[after].after | 1 << after;
            for (number, node) in self.nodes.iter_mut().enumerate() {
                if number == one || node.after & 1 << one != 0 {
                    node.after |= reached;
                }
            }
        }
    }

    fn is_consistent(&self) -> bool {
        let mut nodes = self.nodes.iter().enumerate();
        nodes.all(|(number, node)| node.after & 1 << number == 0)
    }

    /// A thread accesses a location, if as `SeqCst` after what it has seen so
    /// far.
    fn begin_access(
        &mut self,
        thread: usize,
        step: usize,
        location: Location,
        ordering: Ordering,
    ) -> Event {
        self.threads[thread].begin_event(Some(location));
        let mut node = None;
        if ordering == SeqCst {
            let Thread {
                now,
                own,
                left_elsewhere,
                ..
            } = &self.threads[thread];
            let before = own | left_elsewhere | now.fences;
            self.nodes[step].location = Some(location);
            self.order(before, step);
            node = Some(step);
        }
        Event {
            thread,
            location,
            node,
        }
    }

    /// What comes before an access, and psc orders before what comes after its
    /// message.
    fn before(&self, event: Event) -> Nodes {
        let own = event.node.map_or(0, |node| 1 << node);
        own | self.threads[event.thread].now.fences
    }

    /// What is ordered by an access that has seen what it will see.
    fn settle(&mut self, event: Event) {
        let Event {
            thread,
            location,
            node,
        } = event;
        let here = |&node: &usize| self.nodes[node].location == Some(location);
        let now = &self.threads[thread].now;
        let accesses = members(now.accesses).filter(here);
        let accesses = accesses.fold(0, |all, node| all | 1 << node);
        if let Some(node) = node {
            let before = accesses | now.fenced[location];
            self.order(before, node);
        }
        let thread = &mut self.threads[thread];
        thread.now.settled |= accesses;
        thread.now.fenced[location] |= thread.now.fences;
        if let Some(node) = node {
            thread.now.accesses |= 1 << node;
            thread.own |= 1 << node;
            thread.staying |= 1 << node;
        }
        thread.acquired.join(&thread.now);
    }

    /// Orders an access before what is at its location after this place.
    fn order_before_newer(&mut self, event: Event, place: usize) {
        let before = self.before(event);
        let fences = self.threads[event.thread].now.fences;
        let newer = self.messages[event.location][place + 1..].iter();
        let writes: Vec<usize> = newer.filter_map(|message| message.node).collect();
        for node in writes {
            self.order(before, node);
        }
        for node in 0..self.nodes.len() {
            let Some(seen) = &self.nodes[node].seen else {
                continue;
            };
            let (accessed, written) = (seen.accessed[event.location], seen.written[event.location]);
            if written > place {
                self.order(before, node);
            }
            if accessed > place {
                self.order(fences, node);
            }
        }
    }

    /// Reads the message at a place.
    fn read(&mut self, event: Event, place: usize, ordering: Ordering, failed: bool) {
        let Message {
            value, released, ..
        } = &self.messages[event.location][place];
        let thread = &mut self.threads[event.thread];
        thread.read.push(Read {
            value: *value,
            failed,
        });
        thread.now.accessed[event.location] = place;
        if acquires(ordering) {
            thread.now.join(released);
        }
        thread.acquired.join(released);
        self.settle(event);
        self.order_before_newer(event, place);
        let before = self.before(event);
        self.messages[event.location][place].readers |= before;
    }

    /// Writes a message, to be at this place. A read-modify-write hands on
    /// what the one that it read has released.
    fn write(&mut self, event: Event, place: usize, value: u32, ordering: Ordering, changes: bool) {
        let Event {
            thread,
            location,
            node,
        } = event;
        for thread in &mut self.threads {
            thread.now.shift(location, place);
            thread.acquired.shift(location, place);
            thread.fenced.shift(location, place);
        }
        for message in self.messages.iter_mut().flatten() {
            message.released.shift(location, place);
        }
        for seen in self.nodes.iter_mut().filter_map(|node| node.seen.as_mut()) {
            seen.shift(location, place);
        }
        let now = &mut self.threads[thread].now;
        now.accessed[location] = place;
        now.written[location] = place;
        if changes {
            // What it does after it has read comes after that in its thread.
            now.settled |= node.map_or(0, |node| 1 << node);
        }
        self.settle(event);
        let writer = &self.threads[thread];
        let seen = if releases(ordering) {
            &writer.now
        } else {
            &writer.fenced
        };
        let mut released = seen.clone();
        let before = self.before(event);
        let messages = &mut self.messages[location];
        if changes {
            messages[place - 1].glued = true;
            released.join(&messages[place - 1].released);
        }
        messages.insert(
            place,
            Message {
                value,
                released,
                glued: false,
                node,
                writer: before,
                readers: 0,
            },
        );
        if let Some(node) = node {
            let older = self.messages[location][..place].iter();
            let older = older.fold(0, |all, message| all | message.writer | message.readers);
            self.order(older | if changes { before } else { 0 }, node);
        }
        self.order_before_newer(event, place);
    }

    fn fence(&mut self, number: usize, step: usize, ordering: Ordering) {
        self.threads[number].begin_event(None);
        let thread = &mut self.threads[number];
        if acquires(ordering) {
            thread.now = thread.acquired.clone();
        }
        if ordering == SeqCst {
            let seen = thread.now.clone();
            let mut before = seen.settled | seen.fences;
            let nodes = self.nodes.iter().enumerate();
            let fences = nodes.filter(|(_, node)| node.seen.is_some());
            let fences = fences.fold(0, |all, (node, _)| all | 1 << node);
            for (location, messages) in self.messages.iter().enumerate() {
                let (written, accessed) = (seen.written[location], seen.accessed[location]);
                for (place, message) in messages.iter().enumerate() {
                    if place < written {
                        before |= message.writer | message.readers;
                    }
                    if place < accessed {
                        before |= (message.writer | message.readers) & fences;
                    }
                    if place == accessed {
                        before |= message.writer & fences;
                    }
                }
            }
            self.nodes[step].seen = Some(seen);
            self.order(before, step);
            self.threads[number].now.fences |= 1 << step;
        }
        let thread = &mut self.threads[number];
        thread.acquired.join(&thread.now);
        if releases(ordering) {
            thread.fenced = thread.now.clone();
        }
    }

    /// All ways in which a thread can do its next step.
    fn after(&self, program: &Program, number: usize) -> Vec<State> {
        let thread = &self.threads[number];
        let Some(&step) = program.threads[number].get(thread.done) else {
            return Vec::new();
        };
        let before = program.threads[..number].iter().map(Vec::len);
        let step_number = before.sum::<usize>() + thread.done;
        let mut next = self.clone();
        next.threads[number].done += 1;
        let readable =
            |location: Location| thread.now.accessed[location]..self.messages[location].len();
        let begin = |location, ordering| {
            let mut next = next.clone();
            let event = next.begin_access(number, step_number, location, ordering);
            (next, event)
        };
        let read = |location, place, ordering, failed| {
            let (mut next, event) = begin(location, ordering);
            next.read(event, place, ordering, failed);
            next
        };
        let change = |location: Location,
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
                    let (mut next, event) = begin(location, ordering);
                    next.read(event, place, ordering, false);
                    next.write(event, place + 1, value, ordering, true);
                    all.push(next);
                }
                if let Some((failure, weak)) = failure
                    && (weak || made.is_none())
                {
                    all.push(read(location, place, failure, true));
                }
            }
            all
        };
        match step {
            Step::Load(location, ordering) => {
                let places = readable(location);
                places
                    .map(|place| read(location, place, ordering, false))
                    .collect()
            }
            Step::Store(location, value, ordering) => {
                let value = match value {
                    Value::Constant(value) => value,
                    Value::Read(read) => thread.read[read].value,
                };
                let free =
                    readable(location).filter(|&place| !self.messages[location][place].glued);
                let all = free.map(|place| {
                    let (mut next, event) = begin(location, ordering);
                    next.write(event, place + 1, value, ordering, false);
                    next
                });
                all.collect()
            }
            Step::Swap(location, value, ordering) => {
                change(location, ordering, &|_| Some(value), None)
            }
            Step::FetchAdd(location, more, ordering) => {
                let add = |value: u32| Some(value.wrapping_add(more));
                change(location, ordering, &add, None)
            }
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
                next.fence(number, step_number, ordering);
                vec![next]
            }
            Step::Spawn(child) => {
                next.threads[number].begin_event(None);
                let seen = next.threads[number].now.clone();
                let child = &mut next.threads[child];
                child.started = true;
                child.now = seen.clone();
                child.acquired = seen;
                vec![next]
            }
            Step::Join(child) => {
                if program.threads[child]
                    .get(self.threads[child].done)
                    .is_some()
                {
                    return Vec::new();
                }
                // Its end comes after what it has done last.
                next.threads[child].begin_event(None);
                let seen = next.threads[child].now.clone();
                let thread = &mut next.threads[number];
                thread.begin_event(None);
                thread.now.join(&seen);
                thread.acquired.join(&seen);
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
        if !state.is_consistent() || !known.insert(state.clone()) {
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
        orderings: Orderings::All,
        ..Shape::ALL
    };
    let (mut found, mut weak) = (0, 0);
    let told = std::env::var("OUTCOMES_LITMUS_PROGRAMS").ok();
    let programs = told.map_or(300, |number| number.parse().expect("a number"));
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
        let outcomes = outcomes(&classic.program, &Model::RC11);
        assert_eq!(by_views(&classic.program), outcomes, "{}", classic.name);
    }
}
