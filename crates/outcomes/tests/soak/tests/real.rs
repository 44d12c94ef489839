//! Real executions print nothing that the graph doesn't hold.

use outcomes_engine::{Ending, Exploration, Settings};
use outcomes_programs::listings::ALL;
use outcomes_soak::one_by_one::{Check, check_all};
use outcomes_soak::real::{self, Runs, Tally};
use outcomes_soak::{delays, explore};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Executions of each listing; `outcomes-soak` makes more. Without delays, the book's
/// tests run it.
const RUNS: Runs = Runs {
    times: 12,
    at_once: 4,
    delays: None,
};

/// How many at the same time where they mostly wait.
const WAITING_AT_ONCE: usize = 100;

/// What is in a listing that can't be explored, and so isn't run here either: it
/// measures how long something takes on this very machine, or asks how many cores
/// it has, or shows the time, and then it is explored on a prompt machine only,
/// which no real one always is. `interleaved test` holds their runs against what
/// must hold.
const NOT_EXPLORED: [&str; 2] = [".elapsed()", "available_parallelism()"];

/// Each of them, so many times, under delays where they can be had. Those that sleep, or
/// that may never end and are then stopped after seconds, run all beside each
/// other, which costs nothing.
#[test]
fn listings_print_what_they_can() {
    thread::scope(|scope| {
        for (name, main) in ALL {
            let explored = explore(main, &Settings::default());
            let source = source(name);
            if NOT_EXPLORED
                .iter()
                .any(|evidence| source.contains(evidence))
            {
                assert!(explored.is_err(), "{name} can be explored");
                continue;
            }
            let explored = explored.unwrap_or_else(|error| panic!("{name}: {error}"));
            if explored.graph.endings().contains(&Ending::NeverEnds) {
                // It may keep a processor busy until it is stopped.
                let runs = Runs { times: 4, ..RUNS };
                run_often(name, &runs, &explored);
            } else if source.contains("sleep(") || !real::always_ends(&explored) {
                let runs = Runs {
                    at_once: WAITING_AT_ONCE,
                    ..RUNS
                };
                scope.spawn(move || run_often(name, &runs, &explored));
            } else {
                run_often(name, &RUNS, &explored);
            }
        }
    });
}

fn run_often(name: &str, runs: &Runs, explored: &Exploration) {
    let runs = Runs {
        delays: delays::ARE_THERE.then_some(0),
        ..*runs
    };
    real::run_often(&|| listing(name), &runs, explored)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
}

fn listing(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outcomes-soak"));
    command.args(["--real-program", name]);
    command
}

#[test]
fn what_another_program_prints_is_rejected() {
    let (_, main) = ALL.iter().find(|(name, _)| *name == "two-threads").unwrap();
    let explored = explore(main, &Settings::default()).unwrap();
    let once = Runs { times: 1, ..RUNS };
    let error =
        real::run_often(&|| listing("foreground-and-background"), &once, &explored).unwrap_err();
    assert!(error.contains("only these are possible"), "{error}");
}

fn source(name: &str) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../listings/examples");
    std::fs::read_to_string(examples.join(name).with_extension("rs")).unwrap()
}

/// What is in a listing that can't be built modelled.
const NOT_MODELLED: [&str; 4] = ["tokio::", "rayon::", "std::net::", "unsafe "];

#[test]
fn every_listing_that_can_be_is_built_modelled() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../listings/examples");
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let source = source(name);
        let can_be = !NOT_MODELLED
            .iter()
            .any(|evidence| source.contains(evidence));
        let is_there = ALL.iter().any(|(other, _)| *other == name);
        assert_eq!(
            is_there, can_be,
            "{name}: see outcomes-programs' build script"
        );
    }
}

/// A part of what `outcomes-soak` does.
#[test]
fn random_programs_print_what_they_can() {
    let arguments = if delays::ARE_THERE {
        ["--times", "20", "--delays", "0", "--check-real"].as_slice()
    } else {
        &["--times", "20", "--no-delays", "--check-real"]
    };
    let check = Check {
        command: env!("CARGO_BIN_EXE_outcomes-soak").into(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
        at_once: 2,
        patience: Duration::from_secs(120),
        smaller: 50,
    };
    let report = check_all(&check, 0..60, &|_: &Tally| false);
    let tally = report
        .into_result()
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{tally}");
}
