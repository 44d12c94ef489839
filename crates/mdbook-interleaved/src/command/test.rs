//! `mdbook-interleaved test`: whether the code in a book does what its author says
//! of it. As rustdoc does, but with the crates that the book may use, and each
//! program as bounded as a reader's.

use super::examples::{self, Example};
use super::somebodys::Somebodys;
use anyhow::{Result, bail, ensure};
use kernel::doctest::{self, WholeProgram};
use runner::{BuildError, Builder, Ending, Event, Limits, Stop};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What `test` may be told.
#[derive(clap::Args, Debug)]
pub(super) struct Options {
    /// Only the code in these chapters
    #[arg(long, value_name = "FILE")]
    chapter: Vec<PathBuf>,

    /// For how long a program may run
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
}

/// What is wrong with an example: a sentence, and what was said about it.
struct Failure {
    sentence: String,
    details: String,
}

impl Failure {
    fn of(sentence: impl fmt::Display) -> Failure {
        Failure {
            sentence: sentence.to_string(),
            details: String::new(),
        }
    }
}

/// Tests a book's code, and says which doesn't do what it should.
///
/// # Errors
/// When there is such code, or the book can't be read.
pub(super) fn run(folder: &Path, options: &Options) -> Result<()> {
    let book = Somebodys::find(folder)?;
    let (mut all, complaints) = examples::of(&book)?;
    let unknown = options.chapter.iter().find(|it| !all.contains_key(*it));
    if let Some(unknown) = unknown {
        bail!(
            "the book has no chapter {}: name its file as SUMMARY.md does",
            unknown.display()
        );
    }
    all.retain(|chapter, _| options.chapter.is_empty() || options.chapter.contains(chapter));
    let (tested, ignored): (Vec<_>, Vec<_>) = all
        .into_values()
        .flatten()
        .partition(|it| !it.fence.is_ignored());
    let builder = book.builder()?;
    let limits = Limits {
        wall_clock: Duration::from_secs(options.seconds),
        ..Limits::default()
    };
    let failed = test_all(&tested, &builder, &limits);
    println!(
        "{} of {} programs do what they should{}",
        tested.len() - failed,
        tested.len(),
        match ignored.len() {
            0 => String::new(),
            1 => "; 1 is marked to be ignored".to_owned(),
            ignored => format!("; {ignored} are marked to be ignored"),
        }
    );
    for complaint in &complaints {
        println!("FAILED {complaint}");
    }
    ensure!(failed == 0, "{failed} of {} programs failed", tested.len());
    if let [first, ..] = complaints.as_slice() {
        bail!("something is missing in the book, so not all of it was tested: {first}");
    }
    Ok(())
}

/// Tests several at once, and says of each what is wrong as soon as that is known.
/// Returns how many failed.
fn test_all(examples: &[Example], builder: &Builder, limits: &Limits) -> usize {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(0);
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(example) = examples.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Err(failure) = test(example, builder, limits) else {
                        continue;
                    };
                    // While it is held, nobody else writes.
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    *failed += 1;
                    say(example, &failure);
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn say(example: &Example, failure: &Failure) {
    println!(
        "FAILED {}:{}: {}",
        example.chapter.display(),
        example.line,
        failure.sentence
    );
    for line in failure.details.trim_end().lines() {
        println!("    {line}");
    }
}

/// Whether one does what its words say.
fn test(example: &Example, builder: &Builder, limits: &Limits) -> Result<(), Failure> {
    let fence = &example.fence;
    let builder = match fence.edition() {
        Some(edition) => builder.with_edition(edition),
        None => builder.clone(),
    };
    let program = match fence.is_harness() {
        true => WholeProgram::harness(&fence.source),
        false => doctest::program(&fence.source),
    };
    let builder = match program.is_tests {
        true => builder.for_tests(),
        false => builder,
    };
    // What rustdoc doesn't run it doesn't link either.
    let builder = match fence.is_not_run() {
        true => builder.for_checking(),
        false => builder,
    };
    let built = builder.build(&program.source, &Stop::new());
    let built = match (built, fence.errors()) {
        (Ok(_), Some(_)) => return Err(Failure::of("it compiles, and should not")),
        (Ok(built), None) => built,
        (Err(BuildError::Rejected { codes, rendered }), Some(expected)) => {
            let missing: Vec<_> = expected
                .into_iter()
                .filter(|code| !codes.iter().any(|it| it == code))
                .collect();
            return match missing.is_empty() {
                true => Ok(()),
                false => Err(Failure {
                    sentence: format!("it does not have the error {}", missing.join(", ")),
                    details: runner::without_colours(&rendered),
                }),
            };
        }
        (Err(BuildError::Rejected { codes, rendered }), None) => {
            return Err(Failure {
                sentence: match codes.is_empty() {
                    true => "it does not compile".to_owned(),
                    false => format!("it does not compile: {}", codes.join(", ")),
                },
                details: runner::without_colours(&rendered),
            });
        }
        (Err(error), _) => return Err(Failure::of(error)),
    };
    // Of other examples with tests rustdoc only compiles them, too.
    if fence.is_not_run() || program.is_tests && !fence.is_harness() {
        return Ok(());
    }
    let running = runner::run(
        &built.program,
        &limits.asked_by(&program.source),
        &Stop::new(),
    );
    let running = running.map_err(Failure::of)?;
    let mut said = Vec::new();
    for event in running {
        match event {
            Event::Output { bytes, .. } => said.extend(bytes),
            Event::Ended { ending, .. } => {
                let fails = matches!(ending, Ending::Panicked | Ending::Exited { .. });
                let is_right = match fence.should_panic() {
                    true => fails || matches!(ending, Ending::Signalled { .. }),
                    false => ending == Ending::Returned,
                };
                if is_right {
                    return Ok(());
                }
                return Err(Failure {
                    sentence: match fence.should_panic() {
                        true => format!("it should panic. {ending}"),
                        false => ending.to_string(),
                    },
                    details: String::from_utf8_lossy(&said).into_owned(),
                });
            }
        }
    }
    Err(Failure::of("it did not end"))
}
