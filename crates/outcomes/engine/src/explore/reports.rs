//! What is reported of states that exploring found: the ways there, and what
//! replaying them tells.

use super::halt::Halt;
use super::replay::{Misfit, replay};
use crate::machine::Machine;
use crate::{Blocked, Deadlock, Program, Schedule, Standstill};
use outcomes_graph::Graph;

/// The deadlocks in these states.
pub(super) fn deadlocks(
    machine: &mut Machine,
    program: &Program<'_>,
    graph: &Graph,
    stuck: &[(usize, Vec<Blocked>)],
) -> Result<Vec<Deadlock>, Halt> {
    if stuck.is_empty() {
        return Ok(Vec::new());
    }
    let states: Vec<usize> = stuck.iter().map(|(state, _)| *state).collect();
    let schedules = graph.ways_to(&states).into_iter();
    let deadlocks = schedules.zip(stuck).map(|(schedule, (_, blocked))| {
        let standstill = standstill(machine, program, &schedule)?;
        Ok(Deadlock {
            standstill: standstill.unwrap_or_else(|| Standstill {
                blocked: blocked.clone(),
                ..Standstill::default()
            }),
            schedule,
        })
    });
    deadlocks.collect()
}

/// Who waits for what at the end of a schedule.
fn standstill(
    machine: &mut Machine,
    program: &Program<'_>,
    schedule: &Schedule,
) -> Result<Option<Standstill>, Halt> {
    match replay(machine, program, &schedule.steps) {
        Ok(_) => Ok(Some(machine.standstill())),
        Err(Misfit::Halted(Halt::Restart)) => Err(Halt::Restart),
        Err(_) => Ok(None),
    }
}
