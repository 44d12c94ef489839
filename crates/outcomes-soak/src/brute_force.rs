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
    /// Of these, times that there were too many schedules to go through; then
    /// equal states were merged, but nothing left out.
    pub merged: u64,
    /// Of these, times that even so there was too much.
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
             outputs as the graphs ({} times only with equal states merged, {} times there was \
             too much)",
            self.programs, self.executions, self.outputs, self.merged, self.skipped
        )
    }
}

/// Steps of brute force after which a program is too big for it.
const TOO_BIG: u64 = 10_000;

/// Compares random programs.
///
/// # Errors
/// Says which program has other outputs by brute force, and which.
pub fn compare(seeds: Range<u64>) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for seed in seeds {
        for clock in [Clock::Any, Clock::Prompt] {
            compare_one(seed, clock, &mut tally)?;
        }
        tally.programs += 1;
    }
    Ok(tally)
}

fn compare_one(seed: u64, clock: Clock, tally: &mut Tally) -> Result<(), String> {
    let program = Program::new(seed);
    let main = || {
        random::run(&program);
        0
    };
    let brute = Settings {
        clock,
        merge: false,
        reduce: false,
        limits: Limits {
            states: TOO_BIG,
            time: Duration::from_secs(600),
            ..Limits::default()
        },
        ..Settings::default()
    };
    let name = || format!("random program {seed} on the clock {clock:?}: {program:?}");
    let mut every = explore(&main, &brute)?;
    if every.stopped.is_some() {
        tally.merged += 1;
        let merge = Settings {
            merge: true,
            ..brute
        };
        every = explore(&main, &merge)?;
    }
    if every.stopped.is_some() {
        tally.skipped += 1;
        return Ok(());
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
