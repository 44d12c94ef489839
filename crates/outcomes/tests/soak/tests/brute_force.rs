//! Random programs: brute force over all schedules finds what the graph holds,
//! no more and no less, and every trace is right. They use whatever is modelled.

use outcomes_programs::random::{Program, all_names, made_of};
use outcomes_soak::brute_force::Tally;
use outcomes_soak::one_by_one::{Check, check_all};
use std::collections::BTreeMap;
use std::time::Duration;

/// Programs that are compared.
const PROGRAMS: u64 = 250;

/// Programs that `outcomes-soak` compares.
const PROGRAMS_OF_THE_SOAK: u64 = 5_000;

#[test]
fn brute_force_equals_the_graph() {
    let check = Check {
        command: env!("CARGO_BIN_EXE_outcomes-soak").into(),
        arguments: ["--max-states", "10000", "--check-brute-force"]
            .map(str::to_owned)
            .to_vec(),
        at_once: 2,
        patience: Duration::from_secs(120),
        smaller: 50,
    };
    let report = check_all(&check, 0..PROGRAMS, &|_: &Tally| false);
    let tally = report
        .into_result()
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{tally}");
    assert!(tally.outputs > 200, "{tally}");
    assert!(tally.alike > 10, "{tally}");
    assert!(tally.states_less > 20, "{tally}");
}

/// Prints how many of the programs use what.
#[test]
fn nothing_that_is_modelled_is_unused() {
    let mut uses: BTreeMap<String, u64> = all_names().into_iter().map(|name| (name, 0)).collect();
    for seed in 0..PROGRAMS_OF_THE_SOAK {
        for name in made_of(&Program::new(seed)) {
            let count = uses.get_mut(&name);
            *count.unwrap_or_else(|| panic!("{name} is not among all names")) += 1;
        }
    }
    println!("of {PROGRAMS_OF_THE_SOAK} programs use");
    for (name, count) in &uses {
        println!("{count:6} {name}");
    }
    let rare = uses.iter().filter(|(_, count)| **count < 10);
    let rare: Vec<_> = rare.collect();
    assert!(rare.is_empty(), "hardly used: {rare:?}");
}
