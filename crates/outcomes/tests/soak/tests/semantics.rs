//! What documentation promises: the outputs that each small program can have,
//! all of them, by the model; and what it prints for real is among them.
//!
//! A `main` of its own, so that each program is a test, and since aborting
//! leaves std's panic hook in use for good, for which the usual harness waits.

use libtest_mimic::{Arguments, Failed, Trial};
use outcomes_engine::{Clock, Ending, Exploration, Limits, Outputs, Settings};
use outcomes_programs::semantics::{self, Program};
use outcomes_soak::explore;
use outcomes_soak::real::{self, Runs};
use std::collections::HashSet;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Real executions of a program that can print several things.
const RUNS: u64 = 20;

/// Real executions of one that can't.
const RUNS_OF_ONE: u64 = 3;

/// Real executions of one that may never end, which is waited for.
const RUNS_OF_STUCK: u64 = 1;

/// What exploring a small program never takes.
const LONGEST: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = semantics::all()
        .map(|program| Trial::test(program.name, || check(program)))
        .collect();
    trials.push(Trial::test("names_are_different", names_are_different));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn names_are_different() -> Result<(), Failed> {
    let mut names = HashSet::new();
    for program in semantics::all() {
        if !names.insert(program.name) {
            return Err(format!("two programs are called {}", program.name).into());
        }
    }
    Ok(())
}

fn check(program: &Program) -> Result<(), Failed> {
    if program.any.is_none() && program.prompt.is_none() {
        return Err("there is nothing to expect".into());
    }
    let clocks = [(Clock::Any, program.any), (Clock::Prompt, program.prompt)];
    for (clock, expected) in clocks {
        let Some(expected) = expected else { continue };
        let explored = explored(program, clock, Limits::default().states)?;
        executions(&explored)?;
        let found = outputs(&explored)?;
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if found != expected {
            let differs = format!("on clock {clock:?} it prints {found:#?}, not {expected:#?}");
            return Err(differs.into());
        }
        so_far(program, clock, explored.graph.states() as u64, &expected)?;
        alike(program, clock, &expected)?;
        if program.runs && runs_are_wanted() {
            run(program, &explored)?;
        }
    }
    Ok(())
}

/// Each execution goes up to an end, or to a state that another has come to: by
/// one edge that leads to no new state, or to where all are stuck.
fn executions(explored: &Exploration) -> Result<(), String> {
    let graph = &explored.graph;
    let expected = graph.edges() + 1 - graph.states();
    if explored.executions == expected as u64 {
        return Ok(());
    }
    let found = explored.executions;
    Err(format!("it took {found} executions, not {expected}"))
}

/// Whether to run the real programs too: not for whoever tests these tests,
/// again and again, and knows that the originals are as they were.
fn runs_are_wanted() -> bool {
    std::env::var_os("OUTCOMES_REAL_RUNS").is_none_or(|wanted| wanted != "0")
}

/// The same is found where threads that are alike are taken for one another.
fn alike(program: &Program, clock: Clock, expected: &[&str]) -> Result<(), String> {
    let settings = Settings {
        clock,
        alike_from: 0,
        ..Settings::default()
    };
    let main = || {
        (program.main)();
        0
    };
    let fewer = explore(&main, &settings)?;
    let found = outputs(&fewer)?;
    if found != expected {
        return Err(format!(
            "on clock {clock:?}, with threads that are alike taken for one another, it prints \
             {found:#?}, not {expected:#?}"
        ));
    }
    Ok(())
}

/// What is found before a limit is reached, wherever that is, is to be expected too.
fn so_far(program: &Program, clock: Clock, all: u64, expected: &[&str]) -> Result<(), String> {
    for states in [all / 4, all / 2, all - 1] {
        let explored = explored(program, clock, states.max(1))?;
        let outputs = explored.outputs_so_far();
        let found = written(&outputs.map_err(|error| error.to_string())?);
        if let Some(output) = found.iter().find(|it| !expected.contains(&it.as_str())) {
            return Err(format!(
                "on clock {clock:?} {states} of {all} states print {output:?}"
            ));
        }
    }
    Ok(())
}

fn explored(program: &Program, clock: Clock, states: u64) -> Result<Exploration, String> {
    let main = || {
        (program.main)();
        0
    };
    let mut settings = Settings {
        clock,
        ..Settings::default()
    };
    settings.limits.time = LONGEST;
    settings.limits.states = states;
    explore(&main, &settings)
}

/// All outputs, sorted, each with its ending unless `main` returned.
fn outputs(explored: &Exploration) -> Result<Vec<String>, String> {
    let outputs = explored.outputs().map_err(|error| error.to_string())?;
    Ok(written(&outputs))
}

fn written(outputs: &Outputs) -> Vec<String> {
    let written = outputs.iter().map(|output| match output.ending {
        Ending::Returned => output.text,
        ending => format!("{}[{}]", output.text, in_brackets(&ending)),
    });
    let mut written: Vec<String> = written.collect();
    written.sort_unstable();
    written
}

fn in_brackets(ending: &Ending) -> String {
    match ending {
        Ending::Exited { code } => format!("exits with code {code}"),
        Ending::Panicked { message } => format!("panics: {message}"),
        ending => ending.kind().to_owned(),
    }
}

fn run(program: &Program, explored: &Exploration) -> Result<(), String> {
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outcomes-soak"));
        command.args(["--real-program", program.name]);
        command
    };
    let times = if !real::always_ends(explored) {
        RUNS_OF_STUCK
    } else if outputs(explored)?.len() > 1 {
        RUNS
    } else {
        RUNS_OF_ONE
    };
    let runs = Runs {
        times,
        at_once: 1,
        delays: None,
    };
    real::run_often(&command, &runs, explored)?;
    Ok(())
}
