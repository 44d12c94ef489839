//! `strangers`: see `--help`.

#![forbid(unsafe_code)]

use cargo_outcomes::NoAnswer;
use outcomes_protocol::{Answer, Clock};
use outcomes_strangers::programs::{self, Program};
use outcomes_strangers::record::{self, Recorder};
use outcomes_strangers::verdict::{Engine, Verdict, judge};
use std::process::ExitCode;

const HELP: &str = "\
Holds the engine against the programs in crates/outcomes/tests/strangers.

Usage: strangers [--details] [--record] [--kind KIND] [NAME]...

  NAME        only the programs with this in their names
  --kind      only those of this kind
  --details   show all that the engine says, too
  --record    run them for real first, and add what is seen to strangers.toml

It exits with 1 if the engine is wrong anywhere.";

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
    let (mut names, mut kind, mut details, mut record) = (Vec::new(), None, false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(true);
            }
            "--details" => details = true,
            "--record" => record = true,
            "--kind" => kind = arguments.next(),
            option if option.starts_with('-') => {
                return Err(format!("There is no option {option}.\n\n{HELP}"));
            }
            name => names.push(name.to_owned()),
        }
    }
    let mut chosen = programs::all()?;
    chosen.retain(|program| {
        kind.as_ref().is_none_or(|kind| *kind == program.kind)
            && (names.is_empty() || names.iter().any(|name| program.name.contains(name)))
    });
    if chosen.is_empty() {
        return Err("There is no such program.".to_owned());
    }
    let engine = Engine::prepare(&chosen)?;
    if record {
        let recorder = Recorder::prepare(engine.folder())?;
        for program in &mut chosen {
            let seen = recorder.observe(program)?;
            println!("{}: {} ways seen", program.name, seen.len());
            record::write(program, &seen)?;
            program.seen = seen.into_iter().collect();
        }
    }
    let (mut right, mut refused, mut wrong) = (0, 0, 0);
    for program in &chosen {
        for &clock in &program.clocks {
            let answer = engine.ask(program, clock);
            let verdict = judge(program, clock, &answer);
            match verdict {
                Verdict::Right => right += 1,
                Verdict::Refused(_) => refused += 1,
                Verdict::Wrong(_) => wrong += 1,
            }
            print(program, clock, &verdict);
            if details {
                explain(program, &answer);
            }
        }
    }
    println!("\n{right} right, {refused} refused for the right reason, {wrong} wrong");
    Ok(wrong == 0)
}

fn print(program: &Program, clock: Clock, verdict: &Verdict) {
    let clock = match clock {
        Clock::Any => "any",
        Clock::Prompt => "prompt",
    };
    let Program { name, kind, .. } = program;
    println!("{kind:<29} {name:<42} {clock:<6} {verdict}");
}

fn explain(program: &Program, answer: &Result<Answer, NoAnswer>) {
    for seen in &program.seen {
        println!("    seen: {seen:?}");
    }
    match answer {
        Ok(answer) => {
            let complete = if answer.complete {
                ""
            } else {
                ", not explored to the end"
            };
            println!("    outputs: {:?}{complete}", answer.outputs);
            for output in &answer.listed {
                println!("    possible: {:?}, then {}", output.text, output.ending);
            }
        }
        Err(NoAnswer::Rejected { rendered, .. }) => println!("{rendered}"),
        Err(no_answer) => println!("    {no_answer}"),
    }
}
