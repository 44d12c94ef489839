//! The book: one test for each listing and each chapter. What each checks is
//! in `interleaved::test`, which `cargo run -- test` runs too. And for a few
//! listings, whether all of that agrees with what was written down by hand.

use anyhow::{Context, Result, ensure};
use interleaved::programs::Programs;
use interleaved::test::Check;
use libtest_mimic::{Arguments, Trial};
use mdbook_interleaved::listings::Ends;
use mdbook_interleaved::outcomes::{ask, settings};
use outcomes_protocol::{Output, Request};
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use tests::order::{self, Order};

/// As many outputs are held against what is known by hand one by one.
const LISTED: usize = 4000;

/// As many real runs are.
const RUNS: usize = 5;

/// As many tests more than there are processors go on at the same time: many listings
/// sleep.
const WAITING: usize = 2;

fn main() -> ExitCode {
    runner::supervisor::hook();
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or_else(|| {
        let processors = available_parallelism().ok()?.get();
        Some(processors + WAITING)
    });
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>> {
    let workspace = tests::workspace();
    let checks = interleaved::test::checks(&workspace)?;
    let programs = Arc::new(Programs::build(&workspace)?);
    let modelled = Arc::new(interleaved::outcomes::prepare(&workspace)?);
    let orders = tests::orders()?.into_iter().map(|(name, orders)| {
        let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
        Trial::test(format!("order {name}"), move || {
            check_recorded(&orders, &programs, &name)
                .and_then(|()| check_explored(&orders, &programs, &modelled, &name))
                .map_err(|error| format!("{error:#}").into())
        })
    });
    let orders: Vec<Trial> = orders.collect();
    Ok(checks.into_iter().map(trial).chain(orders).collect())
}

/// What is recorded and what real runs print is allowed.
fn check_recorded(orders: &[Order], programs: &Programs, name: &str) -> Result<()> {
    let file = programs.listings.transcript_path(name);
    let recorded = fs::read_to_string(file)?;
    let mut ends = programs.listings.get(name)?.ends.iter();
    ensure!(
        ends.any(|&ends| order::is_possible(orders, &recorded, ends)),
        "tests/orders.toml doesn't allow what is recorded"
    );
    for _ in 0..RUNS {
        let run = programs.run(name)?;
        ensure!(
            order::is_possible(orders, &run.stdout, run.ends),
            "tests/orders.toml doesn't allow what a real run printed:\n{}",
            run.stdout
        );
    }
    Ok(())
}

/// What the engine finds is allowed, and as much as is allowed, but for torn
/// lines.
fn check_explored(
    orders: &[Order],
    programs: &Programs,
    modelled: &cargo_outcomes::Modelled,
    name: &str,
) -> Result<()> {
    let request = Request {
        settings: settings(programs.listings.get(name)?),
        list: LISTED,
        ..Request::default()
    };
    let answer = ask(&programs.listings, modelled, name, &request)?;
    for Output { text, ending } in &answer.listed {
        let ends = Ends::of(ending).context("it aborts")?;
        ensure!(
            order::is_possible(orders, text, ends),
            "tests/orders.toml doesn't allow what the engine finds (and then it {ends}):\n{text}"
        );
    }
    let is_whole = |output: &&Output| output.text.is_empty() || output.text.ends_with('\n');
    let whole = answer.listed.iter().filter(is_whole).count() as u128;
    let all_listed = answer.outputs == Some(answer.listed.len() as u128);
    let counted = if all_listed {
        Some(whole)
    } else {
        answer.outputs
    };
    if let (Some(allowed), Some(counted)) = (order::count(orders), counted) {
        ensure!(
            u128::from(allowed) == counted,
            "tests/orders.toml allows {allowed} outputs with whole lines, and the engine finds {counted}"
        );
    }
    Ok(())
}

fn trial(check: Check) -> Trial {
    Trial::test(check.name.clone(), move || {
        check.run().map_err(|error| format!("{error:#}").into())
    })
}
