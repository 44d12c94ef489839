//! `documentation`: see `--help`.

#![forbid(unsafe_code)]

use outcomes_protocol::Clock;
use outcomes_strangers::documentation::examples::{self, Example};
use outcomes_strangers::documentation::expected::Expected;
use outcomes_strangers::documentation::judge::{Judge, Verdict};
use outcomes_strangers::documentation::sources;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const HELP: &str = "\
Holds the engine against the examples in the documentation of std's sync, thread
and time, of crossbeam-channel and of crossbeam-utils, on both clocks.

Usage: documentation [--program] [WORD]...

  WORD       only examples with this in their names
  --program  print the programs, too

The source of std is looked for where RUST_SRC_PATH says, with the compiler, and
in /usr/src, for that of this compiler. It exits with 1 if the engine is wrong where documentation.toml
doesn't say so, or right where that says that it is wrong.";

fn main() -> ExitCode {
    runner::supervisor::hook();
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }
    }
}

/// Whether the engine is right everywhere.
fn run() -> Result<bool, String> {
    let (mut words, mut programs) = (Vec::new(), false);
    for argument in std::env::args().skip(1) {
        match &*argument {
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(true);
            }
            "--program" => programs = true,
            option if option.starts_with('-') => {
                return Err(format!("There is no option {option}.\n\n{HELP}"));
            }
            word => words.push(word.to_owned()),
        }
    }
    let mut libraries = sources::crossbeam()?;
    match sources::std()? {
        Some(library) => {
            println!("std's source: {}", library.folder.display());
            libraries.push(library);
        }
        None => println!(
            "The source of std is not on this machine: rustup component add rust-src. Only \
             crossbeam's examples are looked at."
        ),
    }
    let mut chosen: Vec<Example> = Vec::new();
    for library in &libraries {
        chosen.extend(examples::of(library)?);
    }
    chosen
        .retain(|example| words.is_empty() || words.iter().any(|word| example.name.contains(word)));
    let judge = Judge::prepare()?;
    let verdicts = all(&judge, &chosen);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut all_right = true;
    for (example, verdicts) in chosen.iter().zip(&verdicts) {
        let library = example.name.split(' ').next().unwrap_or_default();
        for (clock, verdict) in CLOCKS.iter().zip(verdicts) {
            let class = describe(verdict).0;
            *counts.entry((library, class)).or_default() += 1;
            let is_known = judge.expected().is_wrong(&example.name, *clock);
            all_right &= (class == "WRONG") == is_known;
        }
        print(example, verdicts, judge.expected());
        if programs {
            println!("{}", example.program);
        }
    }
    println!();
    for ((library, class), count) in &counts {
        println!("{library:<18} {class:<10} {count}");
    }
    println!("(each example is counted on both clocks)");
    Ok(all_right)
}

/// A line for both clocks, or for each where they differ.
fn print(example: &Example, verdicts: &[Verdict; 2], expected: &Expected) {
    let name = format!("{} (line {})", example.name, example.line);
    let is_same = verdicts[0] == verdicts[1];
    for (clock, verdict) in CLOCKS.iter().zip(verdicts) {
        let named = match clock {
            _ if is_same => "both",
            Clock::Any => "any",
            Clock::Prompt => "prompt",
        };
        let (class, words) = describe(verdict);
        let known = match (class == "WRONG", expected.is_wrong(&example.name, *clock)) {
            (true, true) => " (listed)",
            (false, true) => " (listed as wrong)",
            _ => "",
        };
        println!("{name:<60} {named:<6} {class}{known}{words}");
        if is_same {
            return;
        }
    }
}

const CLOCKS: [Clock; 2] = [Clock::Any, Clock::Prompt];

/// Judges examples, two at a time, in their order.
fn all(judge: &Judge, examples: &[Example]) -> Vec<[Verdict; 2]> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(example) = examples.get(number) else {
                return;
            };
            let both = CLOCKS.map(|clock| judge.judge(example, clock));
            verdicts.lock().expect("no panics").insert(number, both);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    verdicts
        .into_inner()
        .expect("no panics")
        .into_values()
        .collect()
}

fn describe(verdict: &Verdict) -> (&'static str, String) {
    match verdict {
        Verdict::Explored => ("explored", String::new()),
        Verdict::Exception(because) => ("exception", format!(": {because}")),
        Verdict::Compiled => ("compiled", String::new()),
        Verdict::Refused(reason) => ("refused", format!(": {reason}")),
        Verdict::Skipped(skipped) => ("skipped", format!(": {}", skipped.because())),
        Verdict::Wrong(how) => ("WRONG", format!(": {how}")),
    }
}
