//! How many states and executions a program has that can be told apart, and how
//! many outputs, is the same however it is compiled: `.ci/run` tests this in three
//! profiles.
//!
//! `numbers.txt` holds what it was. Where it is to change,
//! `OUTCOMES_WRITE_NUMBERS=1 cargo test --package outcomes-soak --test numbers`
//! writes it anew: look through what is different, and whether the other two profiles
//! say the same.
//!
//! A `main` of its own, as the programs of `semantics` need.

use libtest_mimic::{Arguments, Failed, Trial};
use outcomes_engine::{Clock, NotCounted, Settings};
use outcomes_programs::{semantics, table};
use outcomes_soak::explore;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

/// Where the numbers are.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/numbers.txt");

/// Programs whose numbers do depend on how they are compiled, each with the reason.
const DEPEND: &[(&str, &str)] = &[(
    "recursion_that_calls_without_end, any",
    "its stack overflows where the compiler's frames have filled it, sooner or later",
)];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![Trial::test("numbers_are_those_that_were", compare)];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn compare() -> Result<(), Failed> {
    let mut numbers = BTreeMap::new();
    let clocks = [(Clock::Any, "any"), (Clock::Prompt, "prompt")];
    let table: [(&str, &dyn Fn()); 8] = [
        ("table: two_threads", &table::two_threads),
        ("table: pam_and_jim", &table::pam_and_jim),
        ("table: detached", &table::detached),
        ("table: one_reader", &|| table::generate_and_print(false)),
        ("table: forgotten_drop", &|| table::generate_and_print(true)),
        ("table: three_readers", &|| table::workers(5, 3)),
        ("table: four_readers", &|| table::workers(4, 4)),
        ("table: counter", &table::counter),
    ];
    for (name, main) in table {
        for (clock, called) in clocks {
            numbers.insert(format!("{name}, {called}"), number(main, clock)?);
        }
    }
    for program in semantics::all() {
        let expected = [program.any, program.prompt];
        for ((clock, called), expected) in clocks.into_iter().zip(expected) {
            if expected.is_some() {
                let found = number(&program.main, clock)?;
                numbers.insert(format!("{}, {called}", program.name), found);
            }
        }
    }
    for (name, why) in DEPEND {
        if numbers.remove(*name).is_none() {
            return Err(format!("there is no {name}, of which is said: {why}").into());
        }
    }
    let lines = numbers
        .iter()
        .map(|(name, numbers)| format!("{name}: {numbers}\n"));
    let found: String = lines.collect();
    if env::var_os("OUTCOMES_WRITE_NUMBERS").is_some() {
        fs::write(FILE, found)?;
        return Ok(());
    }
    let before = fs::read_to_string(FILE)?;
    let differs = differences(&before, &found);
    if differs.is_empty() {
        return Ok(());
    }
    let file = Path::new(FILE).file_name().unwrap_or_default();
    Err(format!(
        "{} has other numbers; the first lines of {} say how to write it anew:\n{differs}",
        file.display(),
        file!()
    )
    .into())
}

/// Lines that only one has, as a diff shows them.
fn differences(before: &str, found: &str) -> String {
    let only = |sign: char, these: &str, those: &str| -> String {
        let those: Vec<&str> = those.lines().collect();
        let lines = these.lines().filter(|line| !those.contains(line));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    only('-', before, found) + &only('+', found, before)
}

/// What is shown of a program, but for how long it took.
fn number(main: &dyn Fn(), clock: Clock) -> Result<String, String> {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(&main, &settings)?;
    let outputs = match explored.outputs() {
        Ok(outputs) => outputs.count().to_string(),
        Err(NotCounted::Unbounded) => "without end".to_owned(),
        Err(other) => return Err(other.to_string()),
    };
    let distinct = explored
        .distinct()
        .ok_or("it was not explored to the end")?;
    Ok(format!(
        "outputs {outputs}, states {}, executions {}",
        distinct.states,
        distinct.executions()
    ))
}
