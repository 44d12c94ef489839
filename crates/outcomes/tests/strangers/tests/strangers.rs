//! Programs that were not written to test the engine: it is right on each of
//! them, except where `strangers.toml` says that it isn't, and there it is
//! wrong.
//!
//! A `main` of its own, so that each program is a test, and since the
//! supervisor's hook must be called first.

use libtest_mimic::{Arguments, Failed, Trial};
use outcomes_strangers::programs::{self, Program};
use outcomes_strangers::verdict::{Engine, judge};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

fn main() -> ExitCode {
    runner::supervisor::hook();
    let arguments = Arguments::from_args();
    let programs = programs::all().unwrap_or_else(|sentence| panic!("{sentence}"));
    let engine = Arc::new(OnceLock::new());
    let all = Arc::new(programs.clone());
    let trials = programs.into_iter().map(|program| {
        let (all, engine) = (Arc::clone(&all), Arc::clone(&engine));
        Trial::test(program.name.clone(), move || {
            let engine = engine.get_or_init(|| Engine::prepare(&all));
            let engine = engine.as_ref().map_err(Clone::clone)?;
            check(engine, &program)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(engine: &Engine, program: &Program) -> Result<(), Failed> {
    for &clock in &program.clocks {
        let verdict = judge(program, clock, &engine.ask(program, clock));
        let is_known = program.wrong.contains(&clock);
        if verdict.is_wrong() && !is_known {
            return Err(format!("on clock {clock:?}: {verdict}").into());
        }
        if !verdict.is_wrong() && is_known {
            let sentence = "the engine is right on clock";
            return Err(format!("{sentence} {clock:?}: take that out of `wrong`").into());
        }
    }
    Ok(())
}
