//! Looks for one output without exploring everything else.

use super::budget::Budget;
use super::halt::{Halt, is_stuck};
use super::{engine, machine};
use crate::machine::{Interrupt, Machine, Snapshot};
use crate::memory_model::Schedules;
use crate::{Ending, Membership, NotPossible, Program, Refused, Schedule, Settings, Step, Stopped};
use outcomes_graph::{Bounds, Expected, NameHasher};
use std::collections::{BTreeSet, BinaryHeap, HashSet};
use std::hash::BuildHasherDefault;
use std::time::Instant;

/// A state that a search may go on from.
struct Open {
    /// Smaller is better.
    cost: (usize, usize, u64),
    snapshot: Snapshot,
    position: usize,
    /// An index into the steps taken so far.
    came: usize,
}

impl PartialEq for Open {
    fn eq(&self, other: &Open) -> bool {
        self.cost == other.cost
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Open) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Open) -> std::cmp::Ordering {
        other.cost.cmp(&self.cost)
    }
}

/// Looks for one output without exploring everything else. `Err(Ok(…))` says
/// which limit was reached before the answer was known.
///
/// `expected` is what must be printed, and how it must end, if that matters.
/// A deadlock is found; [`Ending::NeverEnds`] is not.
///
/// # Errors
/// Says which limit was reached, or what the program does that can't be
/// modelled.
pub fn search(
    program: &Program<'_>,
    settings: &Settings,
    text: &str,
    ending: Option<&Ending>,
) -> Result<Membership, Result<Stopped, Refused>> {
    let _engine = engine();
    let mut machine = machine(settings);
    let started = Instant::now();
    loop {
        let mut search = Search {
            machine: &mut machine,
            expected: Expected { text, ending },
            settings,
            budget: Budget::new(settings, started),
            steps: Vec::new(),
            seen: HashSet::default(),
            open: BinaryHeap::new(),
            furthest: 0,
            instead: BTreeSet::new(),
        };
        match search.run(program) {
            Ok(result) => return result.map_err(Ok),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(Err(refused)),
        }
    }
}

/// A best-first search: states in which threads are about to print what can
/// no longer come wait until nothing better is left.
struct Search<'a> {
    machine: &'a mut Machine,
    expected: Expected<'a>,
    settings: &'a Settings,
    budget: Budget,
    /// Each with the one before it.
    steps: Vec<(usize, Step<u16>)>,
    seen: HashSet<u128, BuildHasherDefault<NameHasher>>,
    open: BinaryHeap<Open>,
    furthest: usize,
    instead: BTreeSet<String>,
}

/// Before the first step.
const START: usize = usize::MAX;

impl Search<'_> {
    fn run(&mut self, program: &Program<'_>) -> Result<Result<Membership, Stopped>, Halt> {
        self.machine.start(program.main, program.locals);
        if let Some(interrupt) = self.machine.interrupt() {
            if self.ended(interrupt, 0)? {
                return Ok(Ok(self.possible(START)));
            }
            return Ok(Ok(self.not_possible()?));
        }
        if self.arrive(0, START) {
            return Ok(Ok(self.possible(START)));
        }
        while let Some(open) = self.open.pop() {
            if let Some(stopped) = self.limit() {
                return Ok(Err(stopped));
            }
            if let Some(last) = self.expand(&open)? {
                return Ok(Ok(self.possible(last)));
            }
        }
        Ok(Ok(self.not_possible()?))
    }

    fn limit(&self) -> Option<Stopped> {
        if self.seen.len() as u64 >= self.settings.limits.states {
            return Some(Stopped::States);
        }
        let more = 2 * self.seen.capacity() * size_of::<u128>();
        if !self.budget.has_memory(more + (1 << 20)) {
            return Some(Stopped::Memory);
        }
        (!self.budget.has_time()).then_some(Stopped::Time)
    }

    /// Tries every alternative of a state. The last step, if that is the end.
    fn expand(&mut self, open: &Open) -> Result<Option<usize>, Halt> {
        self.machine.restore(&open.snapshot);
        let alternatives = self.machine.alternatives();
        for (choice, &alternative) in alternatives.iter().enumerate() {
            if choice > 0 {
                self.machine.restore(&open.snapshot);
            }
            let text = self.machine.step(alternative).to_owned();
            let interrupt = self.machine.interrupt();
            if let Some(Interrupt::Restart) = interrupt {
                return Err(Halt::Restart);
            }
            let Some(position) = self.expected.after(open.position, &text) else {
                self.could_have_come(open.position, &text);
                continue;
            };
            self.steps.push((open.came, alternative.step()));
            let step = self.steps.len() - 1;
            if let Some(interrupt) = interrupt {
                if self.ended(interrupt, position)? {
                    return Ok(Some(step));
                }
                continue;
            }
            if self.arrive(position, step) {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    /// Whether this end is the expected one.
    fn ended(&mut self, interrupt: Interrupt, position: usize) -> Result<bool, Halt> {
        match interrupt {
            Interrupt::Ended(ending) => Ok(self.is_expected(&ending, position)),
            Interrupt::Restart => Err(Halt::Restart),
            Interrupt::Refused { reason, at } => Err(Halt::Refused(Refused { reason, at })),
        }
    }

    fn is_expected(&mut self, ending: &Ending, position: usize) -> bool {
        if self.expected.accepts(ending, position) {
            return true;
        }
        self.could_have_come(position, &format!("[{ending}]"));
        false
    }

    /// Notes the state that the machine is in. Whether it is the expected
    /// end: a deadlock.
    fn arrive(&mut self, position: usize, came: usize) -> bool {
        let (snapshot, name) = self.machine.snapshot(Vec::new());
        let alternatives = self.machine.alternatives();
        if is_stuck(&alternatives) && self.is_expected(&Ending::Deadlocked, position) {
            return true;
        }
        if alternatives.is_empty() {
            return false;
        }
        let name = name.rotate_left(17)
            ^ (position as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        if self.seen.insert(name) {
            self.expected
                .furthest(&mut self.furthest, &mut self.instead, position);
            let lost = self
                .machine
                .about_to_print()
                .filter(|text| !self.expected.rest(position).contains(text))
                .count();
            let left = self.expected.text.len() - position;
            self.open.push(Open {
                cost: (lost, left, u64::MAX - self.steps.len() as u64),
                snapshot,
                position,
                came,
            });
        }
        false
    }

    fn could_have_come(&mut self, position: usize, text: &str) {
        self.expected
            .furthest(&mut self.furthest, &mut self.instead, position);
        if position == self.furthest && !text.is_empty() {
            self.instead.insert(text.to_owned());
        }
    }

    fn possible(&self, last: usize) -> Membership {
        let mut steps = Vec::new();
        let mut number = last;
        while number != START {
            let (before, step) = &self.steps[number];
            steps.push(self.machine.name_step(step));
            number = *before;
        }
        steps.reverse();
        Membership::Possible(Schedule {
            view: self.machine.view(),
            steps,
            forever: false,
        })
    }

    /// What was found is possible beyond doubt; that nothing was found may
    /// not be enough.
    fn not_possible(&mut self) -> Result<Membership, Halt> {
        if self.machine.is_doubtful(Schedules::Some) {
            return Err(Halt::Restart);
        }
        Ok(Membership::NotPossible(NotPossible {
            prefix: self.expected.text[..self.furthest].to_owned(),
            instead: std::mem::take(&mut self.instead).into_iter().collect(),
        }))
    }
}
