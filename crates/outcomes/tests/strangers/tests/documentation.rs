//! The examples in documentation: the engine is right on them, except where
//! `documentation.toml` says that it isn't, and there it is wrong.
//!
//! Only every [`STEP`]th example, since all of them take minutes: the command
//! `documentation` looks at all. Those that may do something else on some
//! schedule, and those on which the engine is known to be wrong, are all here.
//!
//! A `main` of its own, so that each library is a test, and since the
//! supervisor's hook must be called first.

use libtest_mimic::{Arguments, Failed, Trial};
use outcomes_protocol::Clock;
use outcomes_strangers::documentation::examples::{self, Example};
use outcomes_strangers::documentation::judge::{Judge, Verdict};
use outcomes_strangers::documentation::sources::{self, Library};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// Of so many examples one is looked at.
const STEP: usize = 8;

fn main() -> ExitCode {
    runner::supervisor::hook();
    let arguments = Arguments::from_args();
    let judge = Arc::new(OnceLock::new());
    let mut libraries = sources::crossbeam().unwrap_or_else(|sentence| panic!("{sentence}"));
    match sources::std().unwrap_or_else(|sentence| panic!("{sentence}")) {
        Some(library) => libraries.push(library),
        None => println!(
            "skipped: std's examples, since its source is not here (rustup component add rust-src)"
        ),
    }
    let trials = libraries.into_iter().map(|library| {
        let judge = Arc::clone(&judge);
        Trial::test(library.name, move || {
            let judge = judge.get_or_init(Judge::prepare).as_ref();
            check(judge.map_err(Clone::clone)?, &library)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(judge: &Judge, library: &Library) -> Result<(), Failed> {
    let examples = examples::of(library)?;
    if examples.is_empty() {
        return Err("there are no examples".into());
    }
    let mut failures = String::new();
    for (number, example) in examples.iter().enumerate() {
        for clock in [Clock::Any, Clock::Prompt] {
            let is_listed = judge.expected().is_listed(&example.name, clock);
            if number % STEP == 0 || is_listed {
                failures.extend(failure(judge, example, clock));
            }
        }
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(failures.into()),
    }
}

fn failure(judge: &Judge, example: &Example, clock: Clock) -> Option<String> {
    let is_known = judge.expected().is_wrong(&example.name, clock);
    let how = match judge.judge(example, clock) {
        Verdict::Wrong(how) if !is_known => how,
        Verdict::Wrong(_) => return None,
        _ if is_known => "the engine is right: take it out of [wrong]".to_owned(),
        _ => return None,
    };
    let Example { name, line, .. } = example;
    Some(format!("{name} (line {line}) on clock {clock:?}: {how}\n"))
}
