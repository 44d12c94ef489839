//! `outcomes-soak`: see `--help`.

use outcomes_soak::{brute_force, real};
use std::process::ExitCode;

const HELP: &str = "\
Holds the engine against brute force and against real executions.

Usage: outcomes-soak [--programs N] [--runs N] [--first N]

  --programs N  compare brute force over all schedules with the graph, for N
                random programs (default 5000)
  --runs N      run listings and random programs for real, N executions in
                all, and look for each output in the graph (default 100000)
  --first N     the number of the first random program (default 0)

It stops at the first disagreement, and says what to look at.";

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
    let tally = brute_force::compare(first..first + programs)?;
    println!("{tally}");
    let command = std::env::current_exe().map_err(|error| error.to_string())?;
    let tally = real::compare(&command, first, runs)?;
    println!("{tally}");
    Ok(())
}
