//! The trace of every output of every program of the semantics prints that
//! output, and ends like it; and the graph tells of its edges what traces tell,
//! and of outputs whether they are possible what a search tells.
//!
//! A `main` of its own, so that each program is a test, and since aborting
//! leaves std's panic hook in use for good, for which the usual harness waits.

use libtest_mimic::{Arguments, Failed, Trial};
use outcomes_engine::{Clock, Settings};
use outcomes_programs::semantics::{self, Program};
use outcomes_soak::{explore, labels, membership, traces};
use std::process::ExitCode;
use std::time::Duration;

/// As many outputs of a program are traced at most.
const MOST: usize = 300;

/// What exploring a small program never takes.
const LONGEST: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = semantics::all()
        .map(|program| Trial::test(program.name, || check(program)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(program: &Program) -> Result<(), Failed> {
    let main = || {
        (program.main)();
        0
    };
    let clocks = [(Clock::Any, program.any), (Clock::Prompt, program.prompt)];
    for (clock, expected) in clocks {
        if expected.is_none() {
            continue;
        }
        let mut settings = Settings {
            clock,
            ..Settings::default()
        };
        settings.limits.time = LONGEST;
        let explored = explore(&main, &settings)?;
        traces::check(&main, &settings, &explored, MOST)?;
        labels::check(&main, &settings)?;
        membership::check(&main, &settings, &explored)?;
    }
    Ok(())
}
