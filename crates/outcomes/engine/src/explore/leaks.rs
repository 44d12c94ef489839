//! Threads that are stuck for good while others go on, or when the program
//! ends.
//!
//! While exploring, each state's waits are noted: who waits where for what,
//! without a limit in time. A wait is *for good* in a state if it is there in
//! every state that can follow, by anything but a spurious wake-up. What
//! follows from that only matters where not all ways end in a deadlock, which
//! is reported as such.
//!
//! Where threads that are alike were taken for one another, nothing else is for good:
//! only who is able to act is left out for another, so none of them waits there.
//!
//! On the prompt clock the end of the program cuts short what others sleep
//! for, and might then do: where it ends while somebody waits for time, no
//! wait counts as one for good.

use super::MOST_REPORTS;
use crate::Ending;
use crate::machine::Waiting;
use outcomes_graph::{Graph, Target};
use std::collections::HashMap;
use std::hash::Hash;

/// Different items, each with a number.
struct Numbered<T> {
    items: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn new() -> Numbered<T> {
        Numbered {
            items: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn number(&mut self, item: T) -> u32 {
        let next = u32::try_from(self.items.len()).expect("limited");
        *self.numbers.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            next
        })
    }
}

/// Who waits in which state.
pub(super) struct Waits {
    waits: Numbered<Waiting>,
    /// Each in order.
    sets: Numbered<Vec<u32>>,
    /// By state, its set.
    of_state: Vec<u32>,
    /// Two sets, and what is in both.
    common: HashMap<(u32, u32), u32>,
}

/// The set without waits.
const NOTHING: u32 = 0;

/// Threads that are stuck for good.
pub(super) struct Found {
    /// A nearest state where all of them are.
    pub(super) state: usize,
    pub(super) threads: Vec<u16>,
}

impl Waits {
    pub(super) fn new() -> Waits {
        let mut sets = Numbered::new();
        sets.number(Vec::new());
        Waits {
            waits: Numbered::new(),
            sets,
            of_state: Vec::new(),
            common: HashMap::new(),
        }
    }

    /// Bytes that one more state may take.
    pub(super) fn growth(&self) -> usize {
        if self.of_state.len() < self.of_state.capacity() {
            return 0;
        }
        2 * self.of_state.capacity() * size_of::<u32>()
    }

    /// Notes who waits in the next state.
    pub(super) fn add(&mut self, waiting: impl Iterator<Item = Waiting>) {
        let waits = &mut self.waits;
        let mut set: Vec<u32> = waiting.map(|wait| waits.number(wait)).collect();
        set.sort_unstable();
        let set = self.sets.number(set);
        self.of_state.push(set);
    }

    fn common(&mut self, one: u32, other: u32) -> u32 {
        if one == other {
            return one;
        }
        let key = (one.min(other), one.max(other));
        if let Some(&known) = self.common.get(&key) {
            return known;
        }
        let other = &self.sets.items[other as usize];
        let both = self.sets.items[one as usize].iter();
        let both = both.filter(|wait| other.binary_search(wait).is_ok());
        let both = both.copied().collect();
        let set = self.sets.number(both);
        self.common.insert(key, set);
        set
    }

    /// What could be for good in a state, as far as the state itself goes.
    fn at(&mut self, graph: &Graph, state: usize) -> u32 {
        let set = self.of_state[state];
        let is_timed = |wait: &u32| self.waits.items[*wait as usize].is_timed;
        let waits = &self.sets.items[set as usize];
        if !waits.iter().any(is_timed) {
            return set;
        }
        if graph.edges_of(state).any(|edge| ends(graph, edge.to)) {
            return NOTHING;
        }
        let lasting = waits.iter().filter(|wait| !is_timed(wait));
        let lasting = lasting.copied().collect();
        self.sets.number(lasting)
    }

    /// The threads that can be stuck for good, by who waits where; for a
    /// graph that is complete.
    pub(super) fn for_good(mut self, graph: &Graph) -> Vec<Found> {
        if self.waits.items.iter().all(|wait| wait.is_timed) {
            return Vec::new();
        }
        let component = graph.components_with_reason();
        let count = component.iter().max().map_or(0, |&last| last as usize + 1);
        let mut order: Vec<u32> = (0..).take(graph.states()).collect();
        order.sort_unstable_by_key(|&state| component[state as usize]);
        let mut parts = vec![Part::default(); count];
        for members in order.chunk_by(|&a, &b| component[a as usize] == component[b as usize]) {
            let here = component[members[0] as usize];
            let mut part = Part {
                goes_on: false,
                is_final: true,
                set: None,
            };
            for &state in members {
                let own = self.at(graph, state as usize);
                part.set = Some(part.set.map_or(own, |set| self.common(set, own)));
                for edge in graph.edges_of(state as usize).filter(|edge| !edge.spurious) {
                    let Target::State(to) = edge.to else {
                        part.goes_on |= ends(graph, edge.to);
                        continue;
                    };
                    if component[to] == here {
                        part.goes_on = true;
                        continue;
                    }
                    let next = parts[component[to] as usize];
                    part.goes_on |= next.goes_on;
                    let theirs = next.set.unwrap_or(NOTHING);
                    part.set = part.set.map(|set| self.common(set, theirs));
                }
            }
            for &state in members {
                for edge in graph.edges_of(state as usize).filter(|edge| !edge.spurious) {
                    if let Target::State(to) = edge.to
                        && component[to] != here
                    {
                        let next = parts[component[to] as usize];
                        part.is_final &= next.is_final && next.set == part.set;
                    }
                }
            }
            parts[here as usize] = part;
        }
        let reported = |part: &Part| part.goes_on && part.is_final && part.set != Some(NOTHING);
        if !parts.iter().any(reported) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut known = vec![false; self.waits.items.len()];
        graph.nearest_first(&mut |state| {
            let part = parts[component[state] as usize];
            let set = part.set.filter(|_| reported(&part)).unwrap_or(NOTHING);
            let waits = &self.sets.items[set as usize];
            if waits.iter().any(|&wait| !known[wait as usize]) {
                for &wait in waits {
                    known[wait as usize] = true;
                }
                let threads = waits.iter();
                let threads = threads.map(|&wait| self.waits.items[wait as usize].thread);
                found.push(Found {
                    state,
                    threads: threads.collect(),
                });
            }
            found.len() < MOST_REPORTS
        });
        found
    }
}

/// Whether the program ends there, and not in a deadlock.
fn ends(graph: &Graph, to: Target) -> bool {
    matches!(to, Target::End(end) if graph.endings()[end] != Ending::Deadlocked)
}

/// A strongly connected part of the graph.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Whether not all ways from it end in a deadlock.
    goes_on: bool,
    /// Whether nobody else can come to be stuck for good.
    is_final: bool,
    /// Who is.
    set: Option<u32>,
}
