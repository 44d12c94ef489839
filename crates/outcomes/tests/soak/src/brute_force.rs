//! The graph against every schedule, one by one.

use crate::explore;
use outcomes::{Clock, Limits, Output, Settings};
use outcomes_programs::random::{self, Program};
use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Programs, on both clocks each.
    pub programs: u64,
    /// Comparisons with every schedule, one by one.
    pub every_schedule: u64,
    /// Comparisons where there were too many schedules to go through: equal
    /// states were merged, but nothing left out.
    pub merged: u64,
    /// Comparisons not made, since even so there was too much.
    pub skipped: u64,
    /// Executions by brute force.
    pub executions: u64,
    /// Distinct outputs.
    pub outputs: u128,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} random programs on two clocks: brute force over {} executions gave the same {} \
             outputs as the graphs ({} times over every schedule, {} times with equal states \
             merged, {} times there was too much)",
            self.programs,
            self.executions,
            self.outputs,
            self.every_schedule,
            self.merged,
            self.skipped
        )
    }
}

/// Steps after which a program has too many schedules to go through.
const TOO_MANY_SCHEDULES: u64 = 10_000;

/// Compares random programs. Those with more than `too_many_states` are
/// skipped. `progress` is called after each.
///
/// # Errors
/// Says which program has other outputs by brute force, and which.
pub fn compare(
    seeds: Range<u64>,
    too_many_states: u64,
    progress: &mut dyn FnMut(&Tally),
) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for seed in seeds {
        for clock in [Clock::Any, Clock::Prompt] {
            compare_one(seed, clock, too_many_states, &mut tally)?;
        }
        tally.programs += 1;
        progress(&tally);
    }
    Ok(tally)
}

fn compare_one(
    seed: u64,
    clock: Clock,
    too_many_states: u64,
    tally: &mut Tally,
) -> Result<(), String> {
    let program = Program::new(seed);
    let main = || {
        random::run(&program);
        0
    };
    let brute = |merge, states| Settings {
        clock,
        merge,
        reduce: false,
        limits: Limits {
            states,
            time: Duration::from_secs(600),
            ..Limits::default()
        },
        ..Settings::default()
    };
    let name = || format!("random program {seed} on the clock {clock:?}: {program:?}");
    let mut every = explore(&main, &brute(false, TOO_MANY_SCHEDULES))?;
    let one_by_one = every.stopped.is_none();
    if !one_by_one {
        every = explore(&main, &brute(true, too_many_states))?;
    }
    if every.stopped.is_some() {
        tally.skipped += 1;
        return Ok(());
    }
    if one_by_one {
        tally.every_schedule += 1;
    } else {
        tally.merged += 1;
    }
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let merged = explore(&main, &settings)?;
    let outputs = |explored: &outcomes::Exploration| -> Result<Vec<Output>, String> {
        let outputs = explored.outputs();
        let outputs = outputs.map_err(|error| format!("{}: {error}", name()))?;
        Ok(outputs.iter().collect())
    };
    let (every_output, merged_outputs) = (outputs(&every)?, outputs(&merged)?);
    tally.executions += every.executions;
    tally.outputs += every_output.len() as u128;
    if every_output == merged_outputs {
        return Ok(());
    }
    let lost: Vec<_> = every_output
        .iter()
        .filter(|output| !merged_outputs.contains(output))
        .collect();
    let invented: Vec<_> = merged_outputs
        .iter()
        .filter(|output| !every_output.contains(output))
        .collect();
    Err(format!(
        "{}\nbrute force finds {} outputs, the graph {}\nlost: {lost:#?}\ninvented: {invented:#?}",
        name(),
        every_output.len(),
        merged_outputs.len(),
    ))
}
