//! The book: one test for each listing and each chapter. What each checks is
//! in `interleaved::test`, which `cargo run -- test` runs too.

use anyhow::Result;
use interleaved::test::Check;
use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    runner::supervisor::hook();
    let arguments = Arguments::from_args();
    match checks() {
        Ok(checks) => {
            let trials = checks.into_iter().map(trial).collect();
            libtest_mimic::run(&arguments, trials).exit_code()
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn checks() -> Result<Vec<Check>> {
    interleaved::test::checks(&tests::workspace())
}

fn trial(check: Check) -> Trial {
    Trial::test(check.name.clone(), move || {
        check.run().map_err(|error| format!("{error:#}").into())
    })
}
