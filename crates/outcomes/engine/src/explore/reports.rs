//! What is reported of what exploring came across: the ways there, and what
//! replaying them tells.

use super::halt::Halt;
use super::leaks::Waits;
use super::replay::{Misfit, replay};
use super::{Exploration, MOST_REPORTS};
use crate::machine::Machine;
use crate::{Blocked, Deadlock, Leak, Panic, Place, PossiblePanic, Program, Schedule, Standstill};
use std::collections::HashMap;

/// What exploring came across that is to be reported.
pub(super) struct Sightings {
    /// Different ways of being stuck, each with a state.
    stuck: Vec<(usize, Vec<Blocked>)>,
    /// Different panics, each with the state and the choice that it follows.
    /// Without, it comes before the first choice.
    panics: Vec<(Option<(usize, u16)>, Panic)>,
    /// By what is said, and where, the place of a panic.
    known: HashMap<(String, Option<Place>), usize>,
    pub(super) waits: Waits,
}

impl Sightings {
    pub(super) fn new() -> Sightings {
        Sightings {
            stuck: Vec::new(),
            panics: Vec::new(),
            known: HashMap::new(),
            waits: Waits::new(),
        }
    }

    /// Nobody can go on in this state.
    pub(super) fn stuck(&mut self, state: usize, blocked: impl FnOnce() -> Vec<Blocked>) {
        if self.stuck.len() == MOST_REPORTS {
            return;
        }
        let blocked = blocked();
        if self.stuck.iter().all(|(_, other)| *other != blocked) {
            self.stuck.push((state, blocked));
        }
    }

    /// A thread panics. Messages that differ in nothing but their numbers count
    /// as one.
    pub(super) fn panic(&mut self, after: Option<(usize, u16)>, panic: Panic) {
        if self.panics.len() == MOST_REPORTS {
            return;
        }
        let kind = panic
            .message
            .replace(|letter: char| letter.is_ascii_digit(), "");
        let next = self.panics.len();
        let number = *self.known.entry((kind, panic.at.clone())).or_insert(next);
        if number == next {
            self.panics.push((after, panic));
        }
    }
}

/// Adds the reports to an exploration.
pub(super) fn report(
    machine: &mut Machine,
    program: &Program<'_>,
    exploration: &mut Exploration,
    sightings: Sightings,
) -> Result<(), Halt> {
    let graph = &exploration.graph;
    let states: Vec<usize> = sightings.stuck.iter().map(|(state, _)| *state).collect();
    let schedules = graph.ways_to(&states);
    for (schedule, (_, blocked)) in schedules.into_iter().zip(sightings.stuck) {
        let standstill = standstill(machine, program, &schedule)?;
        exploration.deadlocks.push(Deadlock {
            standstill: standstill.unwrap_or_else(|| Standstill {
                blocked,
                ..Standstill::default()
            }),
            schedule,
        });
    }
    let edges: Vec<(usize, u16)> = sightings
        .panics
        .iter()
        .filter_map(|(after, _)| *after)
        .collect();
    let mut schedules = graph.ways_by(&edges).into_iter();
    for (after, panic) in sightings.panics {
        let schedule = match after {
            Some(_) => schedules.next().expect("one for each"),
            None => graph.way_to_start(),
        };
        exploration.panics.push(PossiblePanic { panic, schedule });
    }
    if exploration.stopped.is_some() {
        return Ok(());
    }
    let leaks = sightings.waits.for_good(graph);
    let states: Vec<usize> = leaks.iter().map(|found| found.state).collect();
    for (schedule, found) in graph.ways_to(&states).into_iter().zip(leaks) {
        if let Some(mut standstill) = standstill(machine, program, &schedule)? {
            standstill.keep(&found.threads);
            exploration.leaks.push(Leak {
                standstill,
                schedule,
            });
        }
    }
    Ok(())
}

/// Who waits for what at the end of a schedule.
fn standstill(
    machine: &mut Machine,
    program: &Program<'_>,
    schedule: &Schedule,
) -> Result<Option<Standstill>, Halt> {
    machine.keep_ledger(true);
    let standstill = match replay(machine, program, &schedule.steps) {
        Ok(_) => Ok(Some(machine.standstill())),
        Err(Misfit::Halted(Halt::Restart)) => Err(Halt::Restart),
        Err(_) => Ok(None),
    };
    machine.keep_ledger(false);
    standstill
}
