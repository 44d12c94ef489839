//! Tests the tests: plants faults in the engine, the graph and the look-alikes,
//! one at a time, and sees which of them the tests catch.
//!
//! ```sh
//! cargo run --manifest-path crates/outcomes/tests/faults/Cargo.toml -- --sample 300
//! ```
//!
//! All faults are compiled into one copy of the workspace, in
//! `target/faults`, each behind a question for its number ([`plant`]); so one
//! build serves all of them. A fault is *caught* if a test fails, crashes or
//! doesn't end ([`judge`]). A *survivor* is a gap in the tests, unless it makes
//! no difference from outside: such faults are listed with their reasons in
//! `survivors.toml` ([`survivors`]), and not tried. The figures count what was
//! caught among the faults that were tried.
//!
//! A sample says how it stands with all of them: the last line has the
//! interval in which the part that is caught lies, with a certainty of 95 %
//! (Wilson's). With `--quick` the figure is a lower bound, since the strangers'
//! programs, brute force and others that take long don't judge; what survives
//! that can be judged by all with `--survivors`.
//!
//! The whole takes many hours. It can go on in the background, and be resumed:
//! what comes of each fault is written to `target/faults/results.jsonl` at once.
//!
//! ```sh
//! nice -n 19 cargo run --manifest-path crates/outcomes/tests/faults/Cargo.toml -- --resume
//! ```
//!
//! | Option | What it does |
//! |---|---|
//! | `--sample N` | tries N faults, drawn at random, in place of all |
//! | `--seed S` | draws others |
//! | `--in TEXT` | only those in files whose path contains this |
//! | `--line TEXT` | only those in lines that contain this |
//! | `--only N` | only the fault with this number, and those given like that as well |
//! | `--survivors` | only those that survived last time, whatever has changed |
//! | `--listed` | only those that are listed in `survivors.toml`: none may be caught |
//! | `--resume` | keeps what is known of this state of the workspace |
//! | `--quick` | leaves out the tests that take long: more survive |
//! | `--list` | lists the faults, and tries none |
//! | `--jobs N` | how many are tried at the same time: 2 |

#![forbid(unsafe_code)]

mod copy;
mod judge;
mod plant;
mod results;
mod survivors;

use copy::Workspace;
use judge::Judge;
use plant::Fault;
use results::{Results, Verdicts};
use std::collections::BTreeMap;
use std::env;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use survivors::Survivors;

#[derive(Default)]
struct Options {
    sample: Option<usize>,
    seed: u64,
    within: Option<String>,
    line: Option<String>,
    only: Vec<usize>,
    survivors: bool,
    listed: bool,
    resume: bool,
    quick: bool,
    list: bool,
    jobs: Option<usize>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let missing = || format!("{argument} needs a value.");
            arguments.next().ok_or_else(missing)
        };
        let number = |text: String| {
            let wrong = |_| format!("{text:?} is not a number.");
            text.parse::<usize>().map_err(wrong)
        };
        match argument.as_str() {
            "--sample" => options.sample = Some(number(value()?)?),
            "--seed" => options.seed = number(value()?)? as u64,
            "--only" => options.only.push(number(value()?)?),
            "--jobs" => options.jobs = Some(number(value()?)?),
            "--in" => options.within = Some(value()?),
            "--line" => options.line = Some(value()?),
            "--survivors" => options.survivors = true,
            "--listed" => options.listed = true,
            "--resume" => options.resume = true,
            "--quick" => options.quick = true,
            "--list" => options.list = true,
            other => return Err(format!("There is no option {other:?}.")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let workspace = Workspace::new()?;
    // Before the long work.
    let survivors = Survivors::read(&workspace.faults()?)?;
    let fingerprint = workspace.fingerprint()?;
    let (faults, mut judge) = workspace.build()?;
    let path = workspace.copy().join("results.jsonl");
    let last = results::read(&path, None);
    let drawn = choose(&faults, &survivors, &last, options);
    if options.list {
        for fault in &drawn {
            println!("{fault}");
            if let Some(entry) = survivors.entry(fault) {
                println!("      listed: {}", entry.why);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let is_tried = |fault: &&Fault| options.listed || survivors.entry(fault).is_none();
    let tried: Vec<Fault> = drawn.iter().filter(is_tried).cloned().collect();
    println!(
        "{} faults, of which {} are drawn and {} tried, by {} tests.",
        faults.len(),
        drawn.len(),
        tried.len(),
        judge.programs()
    );
    judge.without_faults(options.quick)?;
    let (results, mut known) = Results::open(&path, &fingerprint, options.resume)?;
    let left: Vec<Fault> = tried
        .iter()
        .filter(|fault| !known.contains_key(&fault.key()))
        .cloned()
        .collect();
    known.extend(try_all(&judge, &left, results, options.jobs.unwrap_or(2)));
    if !options.listed {
        report_listed(&drawn, &survivors);
    }
    Ok(report(&tried, &known, options.listed))
}

/// The faults to try, at random if not all.
fn choose(
    faults: &[Fault],
    survivors: &Survivors,
    last: &Verdicts,
    options: &Options,
) -> Vec<Fault> {
    let wanted = |fault: &&Fault| {
        let (within, line) = (options.within.as_ref(), options.line.as_ref());
        (options.only.is_empty() || options.only.contains(&fault.number))
            && within.is_none_or(|text| fault.file.contains(text))
            && line.is_none_or(|text| fault.text.contains(text))
            && (!options.survivors || last.get(&fault.key()) == Some(&None))
            && (!options.listed || survivors.entry(fault).is_some())
    };
    let mut wanted: Vec<Fault> = faults.iter().filter(wanted).cloned().collect();
    let count = options.sample.unwrap_or(wanted.len()).min(wanted.len());
    let mut random = options.seed;
    for index in 0..wanted.len() {
        let others = (wanted.len() - index) as u64;
        let other = usize::try_from(next_random(&mut random) % others).expect("an index");
        wanted.swap(index, index + other);
    }
    wanted.truncate(count);
    if options.list {
        wanted.sort_by_key(|fault| fault.number);
    }
    wanted
}

/// SplitMix64.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn try_all(judge: &Judge, faults: &[Fault], results: Results, jobs: usize) -> Verdicts {
    let next = AtomicUsize::new(0);
    let done = Mutex::new((results, Verdicts::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let caught_by = judge.of(fault.number);
                    if caught_by.is_none() {
                        println!("survived: {fault}");
                    }
                    let (results, verdicts) = &mut *done.lock().expect("nobody panics");
                    results.add(fault, caught_by);
                    verdicts.insert(fault.key(), caught_by.map(str::to_owned));
                }
            });
        }
    });
    done.into_inner().expect("nobody panics").1
}

fn report_listed(drawn: &[Fault], survivors: &Survivors) {
    let counts = survivors.count(drawn);
    let sum: usize = counts.values().sum();
    println!("\n{sum} of those drawn make no difference from outside, see survivors.toml:");
    for (reason, count) in counts {
        println!("{count:>6}  {reason}");
    }
}

fn report(tried: &[Fault], verdicts: &Verdicts, listed: bool) -> ExitCode {
    let mut by_file: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut by_test: BTreeMap<&str, usize> = BTreeMap::new();
    let mut survived = Vec::new();
    for fault in tried {
        let (count, caught) = by_file.entry(&fault.file).or_default();
        *count += 1;
        match verdicts.get(&fault.key()) {
            Some(Some(test)) => {
                *caught += 1;
                *by_test.entry(test).or_default() += 1;
                if listed {
                    println!("listed, but caught by {test}: {fault}");
                }
            }
            _ => survived.push(fault),
        }
    }
    println!("\n tried  caught  file");
    for (file, (tried, caught)) in &by_file {
        println!("{tried:>6}  {caught:>6}  {file}");
    }
    println!("\ncaught  test");
    for (test, caught) in &by_test {
        println!("{caught:>6}  {test}");
    }
    let caught = tried.len() - survived.len();
    if listed {
        println!("\n{caught} of {} that are listed were caught.", tried.len());
        return if caught == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    println!();
    for fault in &survived {
        println!("survived: {fault}");
    }
    let percent = 100.0 * caught as f64 / tried.len().max(1) as f64;
    let (low, high) = interval(caught, tried.len());
    println!(
        "\n{caught} of {} were caught: {percent:.1} %; of all such faults {low:.1} to {high:.1} %, \
         19 times in 20.",
        tried.len()
    );
    ExitCode::SUCCESS
}

/// Wilson's interval, in per cent.
fn interval(caught: usize, tried: usize) -> (f64, f64) {
    let (n, z) = (tried.max(1) as f64, 1.96_f64);
    let part = caught as f64 / n;
    let middle = part + z * z / (2.0 * n);
    let half = z * (part * (1.0 - part) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + z * z / n);
    ((middle - half) * scale, (middle + half) * scale)
}
