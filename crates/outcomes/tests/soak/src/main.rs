//! `outcomes-soak`: see `--help`.

#![forbid(unsafe_code)]

use outcomes_programs::random::Program;
use outcomes_soak::files::{self, Files, Found};
use outcomes_soak::one_by_one::{self, Check};
use outcomes_soak::real::{self, Runs};
use outcomes_soak::{brute_force, delays};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// States after which a random program is skipped.
const TOO_MANY_STATES: u64 = 100_000;

/// Executions at the same time. Delayed as they are, they mostly sleep.
const AT_ONCE: usize = 8;

const HELP: &str = "\
Holds the engine against brute force and against real executions.

Usage: outcomes-soak [OPTION]... [FILE.rs or FOLDER]...

  --programs N  compare brute force with the graph, for N random programs
                (default 5000): over all schedules, or where there are too
                many, over all states
  --max-states N
                skip programs that are in more states than N without the
                engine's reductions (default 100000)
  --real N      run N random programs for real, under random delays, and look
                for each output in the graph (default 300)
  --times N     how often to run each program for real (default 200)
  --first N     the number of the first random program, and of the first
                delays (default 0)
  --no-delays   run them without delays
  --edition E   the edition of Rust in which the files are written
  FILE.rs       run this program for real, too, and look for each output among
                what the engine says of it; of a folder, all files in it. Only
                this is done then, unless --programs or --real is given

Delays need Linux and glibc. Once a minute it says on standard error how far it
has come. Of a random program that fails it looks for the smallest that still
does.";

fn main() -> ExitCode {
    runner::supervisor::hook();
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

/// What to do.
struct Plan<'a> {
    command: PathBuf,
    programs: Option<u64>,
    real: Option<u64>,
    too_many_states: u64,
    first: u64,
    runs: Runs,
    edition: Option<&'a str>,
    paths: Vec<&'a str>,
}

fn soak(arguments: &[&str]) -> Result<(), String> {
    let mut plan = Plan {
        command: std::env::current_exe().map_err(|error| error.to_string())?,
        programs: None,
        real: None,
        too_many_states: TOO_MANY_STATES,
        first: 0,
        runs: Runs {
            times: 200,
            at_once: AT_ONCE,
            delays: delays::ARE_THERE.then_some(0),
        },
        edition: None,
        paths: Vec::new(),
    };
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        let mut value = || {
            let value = arguments.next().copied();
            value.ok_or_else(|| format!("{argument} must be followed by something."))
        };
        let number = |value: Result<&str, String>| {
            let value = value?;
            let number = value.parse::<u64>();
            number.map_err(|_| format!("{argument} must be followed by a number, not {value:?}."))
        };
        match argument {
            // A program that is run for real, by this very command.
            "--real-program" => std::process::exit(real::run_here(value()?)?),
            // Checks of one random program, by this very command.
            "--check-brute-force" => return check_brute_force(value()?, plan.too_many_states),
            "--check-real" => return check_real(value()?, &plan.runs),
            "--delays" => plan.runs.delays = Some(number(value())?),
            "--programs" => plan.programs = Some(number(value())?),
            "--real" => plan.real = Some(number(value())?),
            "--times" => plan.runs.times = number(value())?,
            "--first" => plan.first = number(value())?,
            "--max-states" => plan.too_many_states = number(value())?,
            "--edition" => plan.edition = Some(value()?),
            "--no-delays" => plan.runs.delays = None,
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(());
            }
            _ if argument.starts_with('-') => {
                return Err(format!("There is no option {argument}.\n\n{HELP}"));
            }
            path => plan.paths.push(path),
        }
    }
    plan.carry_out()
}

impl Plan<'_> {
    fn carry_out(&self) -> Result<(), String> {
        let unless_told = |number| if self.paths.is_empty() { number } else { 0 };
        let programs = self.programs.unwrap_or(unless_told(5_000));
        let real = self.real.unwrap_or(unless_told(300));
        let mut failures = 0;
        if programs > 0 {
            let states = self.too_many_states.to_string();
            let arguments = ["--max-states", &states, "--check-brute-force"];
            let check = self.check(arguments.map(str::to_owned).to_vec());
            let news = News::new();
            let range = self.first..self.first + programs;
            let report = one_by_one::check_all(&check, range, &|tally: &brute_force::Tally| {
                news.tell(tally);
                false
            });
            println!("{}", report.tally);
            failures += report.failures.len();
        }
        if real > 0 {
            let times = self.runs.times.to_string();
            let mut arguments = vec!["--times".to_owned(), times];
            arguments.extend(match self.runs.delays {
                None => vec!["--no-delays".to_owned()],
                Some(delays) => vec!["--delays".to_owned(), delays.to_string()],
            });
            arguments.push("--check-real".to_owned());
            let check = self.check(arguments);
            let news = News::new();
            let range = self.first..u64::MAX;
            let report = one_by_one::check_all(&check, range, &|tally: &real::Tally| {
                news.tell(tally);
                tally.programs >= real
            });
            println!("{}", report.tally);
            failures += report.failures.len();
        }
        if failures > 0 {
            return Err(format!("{failures} random programs failed."));
        }
        if self.paths.is_empty() {
            return Ok(());
        }
        self.compare_files()
    }

    fn check(&self, arguments: Vec<String>) -> Check {
        Check {
            command: self.command.clone(),
            arguments,
            at_once: 2,
            patience: Duration::from_secs(300),
            smaller: 100,
        }
    }

    fn compare_files(&self) -> Result<(), String> {
        let paths = files::among(&self.paths)?;
        let files = Files::prepare(self.edition)?;
        let (mut compared, mut wrong) = (0, 0);
        for path in &paths {
            let found = files.compare(path, &self.runs);
            println!("{}: {found}", path.display());
            compared += usize::from(!matches!(found, Found::Unknown(_)));
            wrong += usize::from(matches!(found, Found::NotPossible(_)));
        }
        println!(
            "{} programs in files, {compared} of them run for real {} times each: {wrong} printed \
             what is not possible",
            paths.len(),
            self.runs.times
        );
        if wrong > 0 {
            return Err("There are outputs that the engine takes for impossible.".to_owned());
        }
        Ok(())
    }
}

fn check_brute_force(name: &str, too_many_states: u64) -> Result<(), String> {
    let program = Program::named(name).ok_or_else(|| format!("There is no program {name}."))?;
    let program = Box::leak(Box::new(program));
    answer(&brute_force::check(program, too_many_states)?)
}

fn check_real(name: &str, runs: &Runs) -> Result<(), String> {
    let command = std::env::current_exe().map_err(|error| error.to_string())?;
    answer(&real::check_random(&command, name, runs)?)
}

fn answer(tally: &impl Serialize) -> Result<(), String> {
    println!(
        "{}",
        serde_json::to_string(tally).map_err(|error| error.to_string())?
    );
    Ok(())
}

/// Tells how far it has come, once a minute.
struct News {
    last: Mutex<Instant>,
}

impl News {
    fn new() -> News {
        News {
            last: Mutex::new(Instant::now()),
        }
    }

    fn tell(&self, tally: &dyn fmt::Display) {
        let mut last = self.last.lock().expect("nobody panics");
        if last.elapsed() >= Duration::from_secs(60) {
            *last = Instant::now();
            eprintln!("So far: {tally}");
        }
    }
}
