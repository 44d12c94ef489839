//! Real executions print nothing that the graph doesn't hold.

use outcomes::{Clock, Ending, Settings};
use outcomes_programs::listings::ALL;
use outcomes_soak::{explore, real};
use std::path::Path;
use std::process::Command;

/// Executions of each listing.
const RUNS: u64 = 200;

/// Executions of a listing that sleeps for seconds.
const RUNS_WITH_SLEEP: u64 = 1;

/// Measures the machine, or starts more threads than are modelled.
const NOT_EXPLORED: &[&str] = &[
    "cores",
    "cost-of-a-switch",
    "cost-of-a-thread",
    "same-work-more-threads",
];

#[test]
fn listings_print_what_they_can() {
    for (name, main) in ALL {
        if NOT_EXPLORED.contains(name) {
            continue;
        }
        let settings = |clock| Settings {
            clock,
            ..Settings::default()
        };
        // A listing that shows the time can only be explored on a clock.
        let explored = explore(main, &settings(Clock::Any))
            .or_else(|_| explore(main, &settings(Clock::Prompt)))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        if explored.graph.endings().contains(&Ending::Deadlocked) {
            continue;
        }
        let sleeps = source(name).contains("sleep(");
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_outcomes-soak"));
            command.args(["--real", name]);
            command
        };
        let runs = if sleeps { RUNS_WITH_SLEEP } else { RUNS };
        real::run_often(command, runs, &explored).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

fn source(name: &str) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../listings/examples");
    std::fs::read_to_string(examples.join(name).with_extension("rs")).unwrap()
}

#[test]
fn every_listing_is_built_modelled() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../listings/examples");
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            ALL.iter().any(|(other, _)| *other == name),
            "{name} is missing in crates/outcomes-programs/src/listings.rs"
        );
    }
}

#[test]
fn random_programs_print_what_they_can() {
    let command = Path::new(env!("CARGO_BIN_EXE_outcomes-soak"));
    let tally = real::compare(command, 0, 600, &mut |_| {});
    let tally = tally.unwrap_or_else(|error| panic!("{error}"));
    println!("{tally}");
}
