//! All executions of a program.

use crate::execution::{Execution, Label};
use crate::model::Model;
use crate::program::{Outcome, Program, Read, Step};
use crate::relation::members;
use std::collections::BTreeSet;

/// What comes of the program's consistent executions.
pub fn outcomes(program: &Program, model: &Model) -> BTreeSet<Outcome> {
    let mut outcomes = BTreeSet::new();
    executions(program, model, &mut |outcome| {
        outcomes.insert(outcome);
    });
    outcomes
}

/// Calls `found` with the outcome of each of the program's consistent
/// executions.
pub fn executions(program: &Program, model: &Model, found: &mut dyn FnMut(Outcome)) {
    enumerate(program, model, true, found);
}

/// The same; unless `early`, each execution is only judged once it is whole.
/// That takes much longer, and is there to be compared with.
///
/// Guesses, one after the other: which compare-exchanges succeed and which
/// threads end early, from where each read reads, and in which order each
/// location is written.
pub fn enumerate(program: &Program, model: &Model, early: bool, found: &mut dyn FnMut(Outcome)) {
    let steps = program.threads.iter().flatten();
    let guesses =
        steps.filter(|step| matches!(step, Step::CompareExchange { .. } | Step::EndIfZero(_)));
    for guess in 0..1_u64 << guesses.count() {
        let Some(execution) = Execution::new(program, guess) else {
            continue;
        };
        let reads = members(execution.sets.reads).collect();
        let locations = program.locations();
        let writes = members(execution.sets.writes)
            // What is there at first comes first.
            .skip(locations)
            .collect();
        let mut search = Search {
            threads: program.threads.len(),
            orders: (0..locations).map(|first| vec![first]).collect(),
            execution,
            reads,
            writes,
            model: *model,
            early,
            found,
        };
        search.guess_source(0);
    }
}

struct Search<'a> {
    threads: usize,
    execution: Execution,
    reads: Vec<usize>,
    /// But for the first of each location.
    writes: Vec<usize>,
    /// By location: its writes in their order.
    orders: Vec<Vec<usize>>,
    model: Model,
    early: bool,
    found: &'a mut dyn FnMut(Outcome),
}

impl Search<'_> {
    fn is_hopeless(&self) -> bool {
        self.early && !self.model.permits(&self.execution)
    }

    /// Lets the read with this number read from each write in turn.
    fn guess_source(&mut self, number: usize) {
        let Some(&read) = self.reads.get(number) else {
            let values = self.execution.values();
            let Some(values) = values else { return };
            if let Some(read) = self.execution.read(&values, self.threads) {
                self.guess_place(0, &values, &read);
            }
            return;
        };
        let location = self.execution.events[read].location();
        for write in members(self.execution.sets.writes) {
            if self.execution.events[write].location() != location {
                continue;
            }
            self.execution.rf.insert(write, read);
            if !self.is_hopeless() {
                self.guess_source(number + 1);
            }
            self.execution.rf.remove_into(read);
        }
    }

    /// Lets the write with this number come at each place in turn of those to
    /// the same location that have theirs.
    fn guess_place(&mut self, number: usize, values: &[Option<u32>], read: &[Vec<Read>]) {
        let Some(&write) = self.writes.get(number) else {
            if self.model.permits(&self.execution) {
                let last = self.orders.iter().map(|order| {
                    let last = order.last().expect("the first is there");
                    values[*last].expect("all values are known")
                });
                let last = last.collect();
                let read = read.to_vec();
                (self.found)(Outcome { read, last });
            }
            return;
        };
        let Label::Write(location, ..) = self.execution.events[write].label else {
            unreachable!("it is a write");
        };
        for place in 1..=self.orders[location].len() {
            self.orders[location].insert(place, write);
            self.set_order();
            if !self.is_hopeless() {
                self.guess_place(number + 1, values, read);
            }
            self.orders[location].remove(place);
        }
        self.set_order();
    }

    fn set_order(&mut self) {
        let mo = &mut self.execution.mo;
        mo.clear();
        for order in &self.orders {
            for (place, &one) in order.iter().enumerate() {
                for &other in &order[place + 1..] {
                    mo.insert(one, other);
                }
            }
        }
    }
}
