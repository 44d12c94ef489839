//! `outcomes-soak`: see `--help`.

#![forbid(unsafe_code)]

use outcomes_soak::{brute_force, real};
use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// States after which a random program is skipped.
const TOO_MANY_STATES: u64 = 1_000_000;

const HELP: &str = "\
Holds the engine against brute force and against real executions.

Usage: outcomes-soak [--programs N] [--runs N] [--first N]

  --programs N  compare brute force with the graph, for N random programs
                (default 5000): over all schedules, or where there are too
                many, over all states
  --runs N      run listings and random programs for real, N executions in
                all, and look for each output in the graph (default 100000)
  --first N     the number of the first random program (default 0)

It stops at the first disagreement, and says what to look at. Once a minute it
says on standard error how far it has come.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match soak(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn soak(arguments: &[&str]) -> Result<(), String> {
    let (mut programs, mut runs, mut first) = (5_000, 100_000, 0);
    let mut rest = arguments;
    while let [name, value, behind @ ..] = rest {
        let number = value
            .parse()
            .map_err(|_| format!("{name} must be followed by a number, not {value:?}."));
        match *name {
            // A program that is run for real, by this very command.
            "--real" => std::process::exit(real::run_here(value)?),
            "--programs" => programs = number?,
            "--runs" => runs = number?,
            "--first" => first = number?,
            _ => return Err(format!("There is no option {name}.\n\n{HELP}")),
        }
        rest = behind;
    }
    match rest {
        [] => {}
        ["--help" | "-h"] => {
            println!("{HELP}");
            return Ok(());
        }
        _ => return Err(HELP.to_owned()),
    }
    if programs > 0 {
        let mut news = News::new();
        let tally = brute_force::compare(first..first + programs, TOO_MANY_STATES, &mut |tally| {
            news.tell(tally);
        })?;
        println!("{tally}");
    }
    if runs > 0 {
        let command = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut news = News::new();
        let tally = real::compare(&command, first, runs, &mut |tally| news.tell(tally))?;
        println!("{tally}");
    }
    Ok(())
}

/// Tells how far it has come, once a minute.
struct News {
    last: Instant,
}

impl News {
    fn new() -> News {
        News {
            last: Instant::now(),
        }
    }

    fn tell(&mut self, tally: &dyn fmt::Display) {
        if self.last.elapsed() >= Duration::from_secs(60) {
            self.last = Instant::now();
            eprintln!("So far: {tally}");
        }
    }
}
