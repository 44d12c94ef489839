//! `outcomes-litmus`: see `--help`.

#![forbid(unsafe_code)]

use outcomes_litmus::{Model, Outcome, Program, Shape, classics, outcomes};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

outcomes_litmus::interpreter!(std);

const HELP: &str = "\
Runs litmus programs for real, and looks whether RC11 permits what comes of it:
on this processor, or, by cargo miri run, on Miri.

Usage: outcomes-litmus [OPTION]...

  --programs N  how many random programs beside the classics (default 100)
  --first N     the number of the first (default 0)
  --times N     how often to run each (default 1000)
  --seen        compare nothing, which takes long on Miri: of each classic, print
                its name, the milliseconds it took and what was seen, between tabs";

/// Looks before a thread lets others go first while it waits for them.
const PATIENCE: usize = if cfg!(miri) { 1 } else { 1_000 };

fn main() -> ExitCode {
    let (mut programs, mut first, mut times) = (100, 0, 1_000);
    let mut arguments = std::env::args().skip(1);
    let mut only_seen = false;
    while let Some(argument) = arguments.next() {
        let option = match argument.as_str() {
            "--programs" => &mut programs,
            "--first" => &mut first,
            "--times" => &mut times,
            "--seen" => {
                only_seen = true;
                continue;
            }
            _ => {
                println!("{HELP}");
                return ExitCode::FAILURE;
            }
        };
        match arguments.next().map(|number| number.parse()) {
            Some(Ok(number)) => *option = number,
            _ => {
                eprintln!("{argument} must be followed by a number.");
                return ExitCode::FAILURE;
            }
        }
    }
    if only_seen {
        tell_seen(times);
        return ExitCode::SUCCESS;
    }
    let mut wrong = 0;
    for classic in classics() {
        let found = compare(&classic.program, times, &mut wrong);
        println!("{:28} {found}", classic.name);
    }
    let (mut seen, mut permitted) = (0, 0);
    for number in first..first + programs {
        let found = compare(&Shape::ALL.program(number), times, &mut wrong);
        seen += found.seen;
        permitted += found.permitted;
    }
    println!("{programs} random programs: {seen} of {permitted} outcomes");
    if wrong > 0 {
        eprintln!("{wrong} programs did what RC11 forbids.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What comes of the classics.
fn tell_seen(times: u64) {
    for classic in classics() {
        let start = Instant::now();
        let seen = seen(&classic.program, times);
        let took = start.elapsed().as_millis();
        let seen: String = seen.iter().map(|outcome| format!("\t{outcome}")).collect();
        // At once: Miri may run several of these at the same time.
        println!("{}\t{took}{seen}", classic.name);
    }
}

/// How many outcomes were seen.
struct Found {
    seen: usize,
    permitted: usize,
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} of {} outcomes", self.seen, self.permitted)
    }
}

fn compare(program: &Program, times: u64, wrong: &mut u32) -> Found {
    let permitted = outcomes(program, &Model::RC11);
    let seen = seen(program, times);
    let mut forbidden = seen.difference(&permitted).peekable();
    if forbidden.peek().is_some() {
        *wrong += 1;
        for outcome in forbidden {
            eprintln!("RC11 forbids {outcome}:\n{program}");
        }
    }
    Found {
        seen: seen.len(),
        permitted: permitted.len(),
    }
}

fn seen(program: &Program, times: u64) -> BTreeSet<Outcome> {
    (0..times).map(|_| run_at_once(program)).collect()
}

/// Runs it, the first threads waiting for each other: by themselves one would
/// end before the next has begun.
fn run_at_once(program: &Program) -> Outcome {
    let first = (0..program.threads.len()).filter(|&thread| !program.is_spawned(thread));
    let (all, there) = (first.count(), AtomicUsize::new(0));
    run(program, &|| {
        there.fetch_add(1, Ordering::Relaxed);
        for look in 0.. {
            if there.load(Ordering::Relaxed) >= all {
                break;
            }
            if look % PATIENCE == 0 {
                thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    })
}
