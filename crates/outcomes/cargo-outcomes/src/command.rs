//! The command line: what is asked of a program, and what a person or a script is
//! told, for whichever command has a program to ask: `cargo outcomes run`, and
//! `interleaved outcomes` for a book's listings.

mod ctrl_c;
mod json;
mod page;
pub mod targets;
pub mod testing;

use crate::exit::Exit;
use crate::interruption::is_interrupted;
use crate::progress::LateProgress;
use crate::{Modelled, NoAnswer, Report, may_be_denied, missing_crate};
use anyhow::{Context, Result, anyhow, bail};
use json::Object;
use outcomes_protocol::{
    Answer, Check, Checked, Clock, Limits, NotCounted, Request, Sample, Settings, Surroundings,
    with_separators,
};
use page::{Execution, Part};
use runner::{BuildError, Builder, Stop};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What an exit code says, for a command's help.
pub const EXIT_CODES: &str = "\
Exit code: 0 if it is known (with --possible: yes, it can); 1 if it can't print \
what --possible asks for, or without --possible isn't as it says of itself; 2 if \
there is no telling, within the limits or at all.";

/// Gives what compiles programs with the originals of what they use. It is asked
/// only where that could tell something.
pub type Originals<'a> = &'a dyn Fn() -> Result<Builder>;

/// For so long executions are looked for that a page shows.
const LONG_ENOUGH: Duration = Duration::from_secs(30);

/// How rustc calls its error about a module whose file is missing.
const MODULE_NOT_FOUND: &str = "error[E0583]";

/// What may be asked of a program, and within which limits.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Options {
    /// Show so many outputs, the first in order
    #[arg(long, value_name = "N", default_value_t = 3)]
    list: usize,

    /// Show all outputs
    #[arg(long, conflicts_with = "list")]
    all: bool,

    /// Say whether the program can print what this file holds, and how (`-`
    /// for standard input)
    #[arg(long, value_name = "FILE")]
    possible: Option<PathBuf>,

    /// Show an execution, step by step: of the output with this number; of
    /// `deadlock`, `leak` or `panic` (or `deadlock:2`); by a schedule that --json
    /// gave, as in `schedule:1*3 2 0`; by default, of what --possible asks for, or
    /// else of the first output
    #[arg(long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "")]
    trace: Option<String>,

    /// The edition of Rust that the program is written in: 2015, 2018, 2021 or
    /// 2024 [default: that of the package it belongs to]
    #[arg(long, value_name = "YEAR", value_parser = runner::libraries::edition)]
    edition: Option<&'static str>,

    #[command(flatten)]
    how: How,

    /// Answer with one JSON object on a line
    #[arg(long)]
    json: bool,

    /// Write a page to this file, too, which shows all of that in a browser, and
    /// executions to step through
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// What the program is given as its arguments
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

/// How to explore, and how far.
#[derive(clap::Args, Debug)]
#[group(skip)]
struct How {
    /// How time passes: in `any` way that the language permits, or as on a
    /// `prompt` machine, where computing takes no time and a sleep exactly
    /// what was asked for [default: what is known of the
    /// program, or else any]
    #[arg(long, value_name = "CLOCK", value_parser = clock)]
    clock: Option<Clock>,

    /// Count what is written to standard error too, as a terminal shows it
    #[arg(long)]
    stderr: bool,

    /// Run it where this environment variable holds that, or with the name alone where
    /// it is not set; for each one that the program reads
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = variable)]
    env: Vec<(String, Option<String>)>,

    /// Run it where so many threads can run at the same time
    #[arg(long, value_name = "N")]
    parallelism: Option<NonZero<usize>>,

    /// Explore for so long at most
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_seconds: u64,

    /// Keep so many states at most
    #[arg(long, value_name = "N", default_value_t = Limits::default().states)]
    max_states: u64,

    /// Take so much memory at most
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().memory >> 20)]
    max_memory: usize,
}

impl How {
    fn settings(&self, usual: Clock) -> Settings {
        Settings {
            clock: self.clock.unwrap_or(usual),
            stderr: self.stderr,
            limits: Limits {
                states: self.max_states,
                time: Duration::from_secs(self.max_seconds),
                memory: self.max_memory.saturating_mul(1 << 20),
            },
            ..Settings::default()
        }
    }

    fn surroundings(&self, arguments: &[String]) -> Surroundings {
        Surroundings {
            arguments: arguments.to_owned(),
            variables: self.env.iter().cloned().collect(),
            parallelism: self.parallelism,
        }
    }
}

/// An environment variable's name, and what it holds if it is set.
fn variable(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    if name.is_empty() {
        return Err("it has no name".to_owned());
    }
    Ok((name.to_owned(), value))
}

/// The clock of that name.
///
/// # Errors
/// Says which there are.
pub fn clock(text: &str) -> Result<Clock, String> {
    match text {
        "any" => Ok(Clock::Any),
        "prompt" => Ok(Clock::Prompt),
        _ => Err("it is `any` or `prompt`".to_owned()),
    }
}

/// A program to explore.
#[derive(Clone, Debug)]
pub struct Program {
    /// What to call it.
    pub name: String,
    /// What its file is called.
    pub file_name: String,
    /// Its text.
    pub source: String,
    /// How time passes, unless somebody asks for another clock.
    pub clock: Clock,
}

impl Program {
    /// The program in a file.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn from_file(path: &Path) -> Result<Program> {
        let source =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Program {
            name: file_name.clone().into_owned(),
            file_name: file_name.into_owned(),
            source,
            clock: Clock::Any,
        })
    }
}

impl Options {
    /// The request that asks for that.
    ///
    /// # Errors
    /// Says what can't be read, or makes no sense.
    pub fn request(&self, program: &Program) -> Result<Request> {
        let check = self.possible.as_deref().map(read_output).transpose()?;
        let check = check.map(|text| Check { text, ending: None });
        // Forgetting the last line break is easily done.
        let is_cut = |check: &&Check| !check.text.is_empty() && !check.text.ends_with('\n');
        let with_break = check.as_ref().filter(is_cut).map(|check| Check {
            text: format!("{}\n", check.text),
            ending: None,
        });
        Ok(Request {
            settings: self.how.settings(program.clock),
            // To look for one output takes much less than to find all.
            search_only: check.is_some()
                && self.trace.is_none()
                && !self.json
                && self.html.is_none(),
            list: if self.all { usize::MAX } else { self.list },
            trace: self.sample(check.as_ref())?,
            checks: check.into_iter().chain(with_break).collect(),
            graph: 0,
            surroundings: self.how.surroundings(&self.arguments),
        })
    }

    fn sample(&self, check: Option<&Check>) -> Result<Option<Sample>> {
        let of_check = check.cloned().map(Sample::Of);
        let Some(which) = &self.trace else {
            return Ok(of_check);
        };
        if which.is_empty() {
            return Ok(of_check.or(Some(Sample::Output(0))));
        }
        let number = |text: &str| {
            let number = text.parse::<u64>().ok();
            number.and_then(|number| number.checked_sub(1))
        };
        let (kind, nth) = which.split_once(':').unwrap_or((which, "1"));
        let nth = || number(nth).and_then(|number| usize::try_from(number).ok());
        let sample = match kind {
            "deadlock" => nth().map(Sample::Deadlock),
            "leak" => nth().map(Sample::Leak),
            "panic" => nth().map(Sample::Panic),
            "schedule" => {
                let text = which.strip_prefix("schedule:").unwrap_or_default();
                let schedule = text.parse().map_err(|why: String| anyhow!("{why}"))?;
                Some(Sample::Schedule(schedule))
            }
            _ => number(which).map(Sample::Output),
        };
        let sample = sample.with_context(|| {
            format!(
                "--trace {which}: it is an output's number, `deadlock`, `leak` or `panic`, one \
                 of several as in `deadlock:2`, or `schedule:` and a schedule as --json gives it"
            )
        })?;
        Ok(Some(sample))
    }

    /// Asks a program, and shows what came of it.
    ///
    /// # Errors
    /// Says in one sentence why there is no telling.
    pub fn answer(
        &self,
        program: &Program,
        request: &Request,
        modelled: &Modelled,
        originals: Originals<'_>,
    ) -> Result<Exit> {
        let modelled = match self.edition {
            Some(edition) => &modelled.with_edition(edition),
            None => modelled,
        };
        let answer = ask(program, request, modelled, originals)?;
        let edition = modelled.edition();
        let found = Found::of(self, &answer);
        let text = if self.json {
            let object = Object::new(program, edition, request, &answer, found);
            serde_json::to_string(&object)? + "\n"
        } else {
            Report::new(&program.name, edition, request, &answer).to_string()
        };
        show(&text)?;
        if let Some(file) = &self.html {
            let words = Report::new(&program.name, edition, request, &answer).to_string();
            let executions = executions(program, request, &answer, modelled, originals)?;
            let title = format!("The outcomes of {}", program.name);
            let part = Part {
                heading: None,
                words,
                executions,
            };
            page::write(file, &title, &[part])?;
        }
        if self.trace.is_some() && self.possible.is_none() && answer.trace.is_none() {
            bail!("{} has no such execution to show", program.name);
        }
        Ok(match found {
            Found::Yes => Exit::Yes,
            Found::No => Exit::No,
            Found::Unknown => Exit::Unknown,
        })
    }
}

/// The executions of a program for a page: the one that was asked for, or else some
/// of each kind.
fn executions(
    program: &Program,
    request: &Request,
    answer: &Answer,
    modelled: &Modelled,
    originals: Originals<'_>,
) -> Result<Vec<Execution>> {
    if request.trace.is_some() {
        let title = "The execution that was asked for";
        let trace = answer.trace.iter();
        return trace
            .map(|trace| Execution::new(title, trace, program, modelled))
            .collect();
    }
    let started = Instant::now();
    let mut executions = Vec::new();
    for (title, sample) in page::samples(answer) {
        let is_enough = !executions.is_empty() && started.elapsed() > LONG_ENOUGH;
        if is_enough || is_interrupted() {
            break;
        }
        let request = Request {
            trace: Some(sample),
            checks: Vec::new(),
            ..request.clone()
        };
        let answer = ask(program, &request, modelled, originals)?;
        if let Some(trace) = &answer.trace {
            executions.push(Execution::new(&title, trace, program, modelled)?);
        }
    }
    Ok(executions)
}

/// What may or may not be possible.
fn read_output(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
        return Ok(text);
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn show(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let shown = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match shown {
        // Whoever read it has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write the answer"),
    }
}

/// A sentence that says what a program does that can't be modelled.
#[derive(Debug)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Asks a program, and says on standard error how far that is. Its error is a
/// [`Refused`] if the program can't be explored for what it does.
///
/// # Errors
/// Says in one sentence why there is no telling.
pub fn ask(
    program: &Program,
    request: &Request,
    modelled: &Modelled,
    originals: Originals<'_>,
) -> Result<Answer> {
    let (file_name, source) = (&program.file_name, &program.source);
    check_lints(program, modelled, originals)?;
    ctrl_c::is_heard();
    let stop = Stop::new();
    let answer = while_telling(&program.name, |tell| {
        modelled.ask(file_name, source, request, tell, &stop)
    });
    answer.map_err(|error| explain(error, program, modelled, originals))
}

/// Says how far exploring is, if that takes a while.
fn while_telling<T, E>(
    name: &str,
    explore: impl FnOnce(&mut dyn FnMut(&outcomes_protocol::Progress)) -> Result<T, E>,
) -> Result<T, E> {
    let mut progress = LateProgress::new(&format!("Exploring {name}"));
    let result = explore(&mut |far| {
        if far.seconds > 1.0 {
            let states = with_separators(far.states.into());
            let rate = with_separators((far.states as f64 / far.seconds) as u128);
            let how_far = format!(
                "{states} states in {:.0} s, {rate} a second, {} MiB",
                far.seconds,
                far.memory >> 20
            );
            progress.begin().say(&how_far);
        }
    });
    progress.end(&result);
    result
}

/// Has rustc deny what it denies of the originals only.
fn check_lints(program: &Program, modelled: &Modelled, originals: Originals<'_>) -> Result<()> {
    let mut texts = modelled.texts().chain([program.source.as_str()]);
    match texts.any(may_be_denied) {
        true => compile(program, modelled, originals),
        false => Ok(()),
    }
}

/// Why there is no answer, in a sentence that names the program.
fn explain(
    error: NoAnswer,
    program: &Program,
    modelled: &Modelled,
    originals: Originals<'_>,
) -> anyhow::Error {
    match error {
        NoAnswer::Rejected { first, rendered } => {
            let words = runner::without_colours(&rendered);
            rejected(program, modelled, originals, &first, &words)
        }
        _ => {
            let sentence = error.to_string();
            let reason = sentence.trim_end_matches('.');
            let sentence = reason.replacen("This program", &program.name, 1);
            match error {
                NoAnswer::Refused(_) => Refused(sentence).into(),
                _ => anyhow!(sentence),
            }
        }
    }
}

/// Tells a program that doesn't compile from one that needs what isn't
/// modelled.
fn rejected(
    program: &Program,
    modelled: &Modelled,
    originals: Originals<'_>,
    first: &str,
    words: &str,
) -> anyhow::Error {
    if words.contains(MODULE_NOT_FOUND) && !modelled.is_in_package() {
        return Refused(format!(
            "{} can't be explored: it has modules in files of their own, which only the binaries and \
             examples of a package may have, for `cargo outcomes run`",
            program.name
        ))
        .into();
    }
    match (compile(program, modelled, originals), missing_crate(words)) {
        (Err(error), _) => error,
        (Ok(()), Some(missing)) => not_modelled(program, modelled, missing).into(),
        (Ok(()), None) => Refused(format!(
            "{} can't be explored: it compiles, but needs what is not modelled: {first}",
            program.name
        ))
        .into(),
    }
}

/// It needs a crate that nobody modelled.
fn not_modelled(program: &Program, modelled: &Modelled, missing: &str) -> Refused {
    Refused(format!(
        "{} can't be explored: it needs the crate `{missing}`, and only {} modelled",
        program.name,
        modelled.crates_that_are()
    ))
}

/// Compiles a program with the originals of what it uses.
fn compile(program: &Program, modelled: &Modelled, originals: Originals<'_>) -> Result<()> {
    let builder = originals()?.with_edition(modelled.edition());
    let Err(error) = builder.build_as(&program.file_name, &program.source, &Stop::new()) else {
        return Ok(());
    };
    let BuildError::Rejected { rendered, .. } = error else {
        return Err(error.into());
    };
    let words = runner::without_colours(&rendered);
    let name = &program.name;
    match missing_crate(&words) {
        Some(missing) => Err(not_modelled(program, modelled, missing).into()),
        None => bail!("{name} does not compile\n{}", words.trim_end()),
    }
}

/// What is known of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Yes,
    No,
    Unknown,
}

impl Found {
    fn of(options: &Options, answer: &Answer) -> Found {
        if options.possible.is_none() {
            let is_known = answer.outputs.is_some()
                || matches!(answer.not_counted, Some(NotCounted::Unbounded));
            let met = || answer.expected.iter().map(|expected| expected.met);
            return match is_known {
                _ if met().any(|met| met == Some(false)) => Found::No,
                true if met().all(|met| met == Some(true)) => Found::Yes,
                _ => Found::Unknown,
            };
        }
        match answer.checked.first() {
            Some(Checked::Known(membership)) if membership.is_possible() => Found::Yes,
            Some(Checked::Known(_)) => Found::No,
            _ => Found::Unknown,
        }
    }
}
