//! The graph against every schedule, one by one; and its traces, run again.

use crate::{explore, traces};
use outcomes_engine::{Clock, Exploration, Limits, Output, Settings};
use outcomes_programs::random::{self, Program};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

/// What was compared.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
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
    /// Programs on a clock that print without end: nothing to compare.
    pub endless: u64,
    /// Executions by brute force.
    pub executions: u64,
    /// Distinct outputs.
    pub outputs: u64,
    /// Outputs found by half of a graph, which are all among them.
    pub so_far: u64,
    /// Graphs in which threads that are alike were taken for one another.
    pub alike: u64,
    /// How many states less those have.
    pub states_less: u64,
    /// Traces run again.
    pub traces: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.programs += more.programs;
        self.every_schedule += more.every_schedule;
        self.merged += more.merged;
        self.skipped += more.skipped;
        self.endless += more.endless;
        self.executions += more.executions;
        self.outputs += more.outputs;
        self.so_far += more.so_far;
        self.alike += more.alike;
        self.states_less += more.states_less;
        self.traces += more.traces;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} random programs on two clocks: brute force over {} executions gave the same {} \
             outputs as the graphs ({} times over every schedule, {} times with equal states \
             merged, {} times there was too much, {} times no end of outputs), among them all {} \
             that half of a graph had; {} times threads that are alike were taken for one another, \
             with {} states less; {} traces printed what they should, and there is no shorter one",
            self.programs,
            self.executions,
            self.outputs,
            self.every_schedule,
            self.merged,
            self.skipped,
            self.endless,
            self.so_far,
            self.alike,
            self.states_less,
            self.traces,
        )
    }
}

/// Steps after which a program has too many schedules to go through.
const TOO_MANY_SCHEDULES: u64 = 10_000;

/// Outputs of one program whose traces are run again.
const TRACES: usize = 5_000;

/// Compares one program on both clocks. It is skipped where it is in more than
/// `too_many_states`.
///
/// # Errors
/// Says which outputs it has by brute force and not in the graph, or the other
/// way round, or which trace is wrong.
pub fn check(program: &'static Program, too_many_states: u64) -> Result<Tally, String> {
    let mut tally = Tally {
        programs: 1,
        ..Tally::default()
    };
    for clock in [Clock::Any, Clock::Prompt] {
        check_on(program, clock, too_many_states, &mut tally)
            .map_err(|error| format!("On the clock {clock:?}, {error}"))?;
    }
    Ok(tally)
}

fn check_on(
    program: &'static Program,
    clock: Clock,
    too_many_states: u64,
    tally: &mut Tally,
) -> Result<(), String> {
    let main = || {
        random::run(program);
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
    let mut every = explore(&main, &brute(false, TOO_MANY_SCHEDULES))?;
    let one_by_one = every.stopped.is_none();
    if !one_by_one {
        every = explore(&main, &brute(true, too_many_states))?;
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
    if one_by_one {
        tally.every_schedule += 1;
    } else {
        tally.merged += 1;
    }
    tally.executions += every.executions;
    let (every_output, merged_outputs) = match (outputs(&every), outputs(&merged)) {
        (Ok(every), Ok(merged)) => (every, merged),
        (Err(every), Err(merged)) if every == merged => {
            tally.endless += 1;
            return Ok(());
        }
        (Err(error), _) => return Err(format!("brute force can't be counted: {error}")),
        (_, Err(error)) => return Err(format!("the graph can't be counted: {error}")),
    };
    tally.outputs += every_output.len() as u64;
    compare(&every_output, &merged_outputs)?;
    alike(&main, &settings, &every_output, &merged, tally)?;
    let half = Limits {
        states: (merged.graph.states() as u64 / 2).max(1),
        ..settings.limits
    };
    let limits = Settings {
        limits: half,
        ..settings
    };
    let stopped = explore(&main, &limits)?;
    let so_far = stopped
        .outputs_so_far()
        .map_err(|error| error.to_string())?;
    // There may be hundreds of thousands of either.
    let possible: HashSet<&Output> = every_output.iter().collect();
    if let Some(invented) = so_far.iter().find(|it| !possible.contains(it)) {
        return Err(format!(
            "half of the graph has invented an output: {invented:#?}"
        ));
    }
    tally.so_far += u64::try_from(so_far.count()).unwrap_or(u64::MAX);
    let traces = traces::check(&main, &settings, &merged, TRACES)?;
    tally.traces += traces as u64;
    Ok(())
}

/// Threads that are alike can be taken for one another: the outputs are the same, and
/// so is what there is to report, in one of the threads or another.
fn alike(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    every_output: &[Output],
    merged: &Exploration,
    tally: &mut Tally,
) -> Result<(), String> {
    let settings = Settings {
        alike_from: 0,
        ..*settings
    };
    let fewer = explore(main, &settings)?;
    if !fewer.alike {
        return Ok(());
    }
    compare(every_output, &outputs(&fewer)?).map_err(|error| format!("of the alike, {error}"))?;
    for (what, one, other) in [
        ("deadlocks", merged.deadlocks.len(), fewer.deadlocks.len()),
        ("leaks", merged.leaks.len(), fewer.leaks.len()),
        ("panics", merged.panics.len(), fewer.panics.len()),
    ] {
        if (one == 0) != (other == 0) || other > one {
            return Err(format!("of {one} {what} there are {other} of the alike"));
        }
    }
    let whole = merged.graph.states();
    tally.alike += 1;
    tally.states_less += whole.saturating_sub(fewer.graph.states()) as u64;
    Ok(())
}

fn outputs(explored: &Exploration) -> Result<Vec<Output>, String> {
    let outputs = explored.outputs().map_err(|error| error.to_string())?;
    Ok(outputs.iter().collect())
}

fn compare(every: &[Output], merged: &[Output]) -> Result<(), String> {
    if every == merged {
        return Ok(());
    }
    let without = |these: &[Output], others: &[Output]| -> Vec<Output> {
        let missing = these.iter().filter(|output| !others.contains(output));
        missing.cloned().collect()
    };
    let (lost, invented) = (without(every, merged), without(merged, every));
    let what = match (lost.is_empty(), invented.is_empty()) {
        (false, true) => "the graph has lost outputs",
        (true, _) => "the graph has invented outputs",
        (false, false) => "the graph has lost outputs and invented others",
    };
    Err(format!(
        "{what}: brute force finds {} outputs, the graph {}\nlost: {lost:#?}\ninvented: \
         {invented:#?}",
        every.len(),
        merged.len(),
    ))
}
