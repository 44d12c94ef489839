//! The listings' programs: built by cargo, run for real.

use crate::progress::Progress;
use crate::workspace::Workspace;
use anyhow::{Context, Result, anyhow, bail};
use mdbook_interleaved::listings::{Ends, Listings};
use runner::{BuildError, Builder, CargoBuild, Ending, Event, Limits, Stop, Stream};
use std::time::Duration;

/// As many lines of a program that never ends are enough.
const LINES_OF_AN_ENDLESS_PROGRAM: usize = 20;

/// The book's listings, and what cargo built of them.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The registry.
    pub listings: Listings,
    /// Builds whatever isn't built yet.
    pub builder: Builder,
    /// What cargo built.
    pub built: CargoBuild,
}

/// What one run of a listing came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// All of its standard output.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
    /// How it ended, in the registry's words.
    pub ends: Ends,
    /// Time from start to end.
    pub took: Duration,
}

impl Programs {
    /// Builds every listing, showing how far it is.
    ///
    /// # Errors
    /// When the registry can't be read, or the libraries can't be built.
    pub fn build(workspace: &Workspace) -> Result<Programs> {
        let listings = workspace.listings()?;
        let package = workspace.package()?;
        let progress = Progress::begin("Building the listings");
        let built = runner::build_examples(&workspace.root, &package, &mut |step| {
            progress.step(step.done, step.total, &step.name);
        });
        let built = match built {
            Ok(built) => built,
            Err(error) => {
                progress.failed();
                bail!("{error}");
            }
        };
        progress.done();
        let builder = Builder::new(built.libraries.clone(), workspace.programs());
        built.adopt_into(&builder);
        Ok(Programs {
            listings,
            builder,
            built,
        })
    }

    /// Runs a listing once, to its end. One that never ends is stopped after
    /// some lines.
    ///
    /// # Errors
    /// When it doesn't compile, can't be run, ends in no way that the registry
    /// could state, or prints what is no text.
    pub fn run(&self, name: &str) -> Result<Run> {
        let source = self.listings.source(name)?;
        self.run_to_its_end(&source, &self.listings.get(name)?.ends)
    }

    /// The same for a program of which it isn't known how it ends.
    ///
    /// # Errors
    /// See [`run`](Programs::run).
    pub fn run_source(&self, source: &str) -> Result<Run> {
        self.run_to_its_end(source, &[])
    }

    fn run_to_its_end(&self, source: &str, known: &[Ends]) -> Result<Run> {
        let build = self.builder.build(source, &Stop::new()).map_err(explain)?;
        let is_endless = known.contains(&Ends::NeverEnds);

        let stop = Stop::new();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for event in runner::run(&build.program, &limits(known).asked_by(source), &stop)? {
            match event {
                Event::Output {
                    stream: Stream::Stderr,
                    bytes,
                    ..
                } => stderr.extend(bytes),
                Event::Output { bytes, .. } => {
                    stdout.extend(bytes);
                    if is_endless && lines_in(&stdout) >= LINES_OF_AN_ENDLESS_PROGRAM {
                        stop.stop();
                    }
                }
                Event::Ended { ending, took } => {
                    if ending == Ending::Stopped {
                        stdout = first_lines(&stdout, LINES_OF_AN_ENDLESS_PROGRAM);
                    }
                    return Ok(Run {
                        stdout: text(stdout)?,
                        stderr: text(stderr)?,
                        ends: ends(&ending, is_endless)?,
                        took,
                    });
                }
            }
        }
        bail!("it did not end")
    }

    /// What rustc says of a listing in `broken/`: its words without their
    /// colours, and the errors' codes. Where no error has a code, what they say
    /// stands in its place.
    ///
    /// # Errors
    /// When it does compile, or there is no saying.
    pub fn rejection(&self, name: &str) -> Result<(String, Vec<String>)> {
        self.rejection_of(name, &self.listings.source(name)?)
    }

    /// The same for a program that may not be a listing yet.
    ///
    /// # Errors
    /// See [`rejection`](Programs::rejection).
    pub fn rejection_of(&self, name: &str, source: &str) -> Result<(String, Vec<String>)> {
        let file_name = format!("{name}.rs");
        match self.builder.build_as(&file_name, source, &Stop::new()) {
            Err(BuildError::Rejected { rendered, codes }) => {
                let words = runner::without_colours(&rendered);
                let codes = match codes.is_empty() {
                    true => messages(&words),
                    false => codes,
                };
                Ok((words, codes))
            }
            Err(error) => Err(error.into()),
            Ok(_) => bail!(
                "{file_name} compiles, and must not: mend it, or move it from broken/ to examples/"
            ),
        }
    }
}

fn limits(known: &[Ends]) -> Limits {
    let seconds = match () {
        () if known.contains(&Ends::NeverEnds) => 10,
        // A deadlock that nobody notices (see `runner`) takes all the time there is.
        () if known.contains(&Ends::Deadlocks) && !cfg!(target_os = "linux") => 5,
        // Two threads that hand something to and fro get a turn each time,
        // which can take milliseconds on a machine with too much to do.
        () => 900,
    };
    Limits {
        wall_clock: Duration::from_secs(seconds),
        ..Limits::default()
    }
}

/// The registry's word for an ending.
fn ends(ending: &Ending, is_endless: bool) -> Result<Ends> {
    Ok(match ending {
        Ending::Returned => Ends::Returns,
        Ending::Exited { code } => Ends::Exits(*code),
        Ending::Panicked => Ends::Panics,
        Ending::Deadlocked { .. } => Ends::Deadlocks,
        Ending::Stopped | Ending::OverLimit { .. } if is_endless => Ends::NeverEnds,
        Ending::OverLimit {
            limit: runner::Limit::WallClock(_),
        } if !cfg!(target_os = "linux") => Ends::Deadlocks,
        _ => bail!("{ending}"),
    })
}

/// A build error with all that rustc said.
fn explain(error: BuildError) -> anyhow::Error {
    match &error {
        BuildError::Rejected { rendered, .. } => {
            let words = runner::without_colours(rendered);
            anyhow!("{error}\n{}", words.trim_end())
        }
        _ => error.into(),
    }
}

/// What the errors without a code say.
fn messages(words: &str) -> Vec<String> {
    let messages = words
        .lines()
        .filter_map(|line| line.strip_prefix("error: "));
    let messages = messages.filter(|message| !message.starts_with("aborting due to "));
    messages.map(str::to_owned).collect()
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).context("it printed what is no text (UTF-8)")
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn first_lines(bytes: &[u8], count: usize) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.take(count).collect::<Vec<_>>().concat()
}
