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
use outcomes_std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use outcomes_std::sync::atomic::{AtomicU32, fence};
use outcomes_std::{println, thread};
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
            numbers.insert(
                format!("{name}, {called}"),
                number(&of_nothing(main), clock)?,
            );
        }
    }
    let weak: [(&str, fn()); 4] = [
        ("weak memory: each_misses_the_other", each_misses_the_other),
        (
            "weak memory: what_comes_with_a_flag",
            what_comes_with_a_flag,
        ),
        ("weak memory: two_look_at_two", two_look_at_two),
        ("weak memory: fences_between", fences_between),
    ];
    for (name, main) in weak {
        let found = number(&of_nothing(&main), Clock::Any)?;
        numbers.insert(format!("{name}, any"), found);
    }
    for program in semantics::all() {
        let expected = [program.any, program.prompt];
        for ((clock, called), expected) in clocks.into_iter().zip(expected) {
            if expected.is_some() {
                let found = number(&of_nothing(&program.main), clock)?;
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

fn of_nothing(main: &dyn Fn()) -> impl Fn() -> i32 {
    || {
        main();
        0
    }
}

/// What is shown of a program, but for how long it took.
fn number(main: &dyn Fn() -> i32, clock: Clock) -> Result<String, String> {
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(main, &settings)?;
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

/// Both may load 0.
fn each_misses_the_other() {
    let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            x.store(1, Release);
            println!("y is {}", y.load(Acquire));
        });
        y.store(1, Relaxed);
        println!("x is {}", x.load(Relaxed));
    });
}

/// With `Relaxed` the flag may be seen before what it stands for.
fn what_comes_with_a_flag() {
    let (message, relaxed, release) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            message.store(1, Relaxed);
            relaxed.store(1, Relaxed);
            message.store(2, Relaxed);
            release.store(1, Release);
        });
        scope.spawn(|| {
            if relaxed.load(Relaxed) == 1 {
                println!("relaxed: {}", message.load(Relaxed));
            }
        });
        if release.load(Acquire) == 1 {
            println!("release: {}", message.load(Relaxed));
        }
    });
}

/// The two who look may see the stores in opposite orders.
fn two_look_at_two() {
    let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| x.store(1, Release));
        scope.spawn(|| y.store(1, Release));
        scope.spawn(|| {
            let first = x.load(Acquire);
            println!("x {first}, y {}", y.load(Acquire));
        });
        let first = y.load(Acquire);
        let second = x.load(Acquire);
        println!("y {first}, x {second}");
    });
}

/// At least one sees what the other stored; both count.
fn fences_between() {
    let (x, y, count) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            x.store(1, Relaxed);
            fence(SeqCst);
            if y.load(Relaxed) == 0 {
                count.fetch_add(1, Relaxed);
            }
        });
        y.store(1, Relaxed);
        fence(SeqCst);
        if x.load(Relaxed) == 0 {
            count.fetch_add(1, Relaxed);
        }
    });
    println!("{}", count.load(Relaxed));
}
