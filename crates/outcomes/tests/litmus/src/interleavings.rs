//! What a program may do if its threads take turns, by brute force. Knows
//! nothing of executions and relations.

use crate::program::{Outcome, Program, Read, Step, Value};
use std::collections::{BTreeSet, HashSet};

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    started: Vec<bool>,
    /// By thread: how many steps are done.
    done: Vec<usize>,
    /// What has been read, and what is there now.
    outcome: Outcome,
}

/// The outcomes of all interleavings, whatever the orderings say.
pub fn interleavings(program: &Program) -> BTreeSet<Outcome> {
    let threads = 0..program.threads.len();
    let mut open = vec![State {
        started: threads
            .clone()
            .map(|thread| !program.is_spawned(thread))
            .collect(),
        done: vec![0; threads.len()],
        outcome: Outcome {
            read: vec![Vec::new(); threads.len()],
            last: vec![0; program.locations()],
        },
    }];
    let mut known = HashSet::new();
    let mut outcomes = BTreeSet::new();
    while let Some(state) = open.pop() {
        if !known.insert(state.clone()) {
            continue;
        }
        let left = |thread: usize| program.threads[thread].get(state.done[thread]);
        if threads.clone().all(|thread| left(thread).is_none()) {
            outcomes.insert(state.outcome);
            continue;
        }
        for thread in threads.clone().filter(|&thread| state.started[thread]) {
            let Some(&step) = left(thread) else { continue };
            if matches!(step, Step::Join(other) if left(other).is_some()) {
                continue;
            }
            let mut after = state.clone();
            after.done[thread] += 1;
            if let Step::CompareExchange {
                location,
                weak: true,
                ..
            } = step
            {
                let mut failed = after.clone();
                failed.read(thread, location, true);
                open.push(failed);
            }
            after.take(thread, step);
            open.push(after);
        }
    }
    outcomes
}

impl State {
    fn read(&mut self, thread: usize, location: usize, failed: bool) -> u32 {
        let value = self.outcome.last[location];
        self.outcome.read[thread].push(Read { value, failed });
        value
    }

    fn take(&mut self, thread: usize, step: Step) {
        match step {
            Step::Load(location, _) => {
                self.read(thread, location, false);
            }
            Step::Store(location, Value::Constant(value), _) => {
                self.outcome.last[location] = value;
            }
            Step::Store(location, Value::Read(read), _) => {
                self.outcome.last[location] = self.outcome.read[thread][read].value;
            }
            Step::Swap(location, value, _) => {
                self.read(thread, location, false);
                self.outcome.last[location] = value;
            }
            Step::FetchAdd(location, more, _) => {
                let value = self.read(thread, location, false);
                self.outcome.last[location] = value.wrapping_add(more);
            }
            Step::CompareExchange {
                location,
                current,
                new,
                ..
            } => {
                let failed = self.outcome.last[location] != current;
                self.read(thread, location, failed);
                if !failed {
                    self.outcome.last[location] = new;
                }
            }
            Step::EndIfZero(read) if self.outcome.read[thread][read].value == 0 => {
                self.done[thread] = usize::MAX;
            }
            Step::EndIfZero(_) | Step::Fence(_) | Step::Join(_) => {}
            Step::Spawn(other) => self.started[other] = true,
        }
    }
}
