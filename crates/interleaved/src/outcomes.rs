//! `interleaved outcomes`: everything that a program can print, how it can
//! end, and whether an output is among that.

use crate::exit::Exit;
use crate::progress::LateProgress;
use crate::workspace::{LISTINGS, Workspace};
use anyhow::{Context, Result, anyhow, bail, ensure};
use cargo_outcomes::{Modelled, NoAnswer, Report, missing_crate, report};
use mdbook_interleaved::listings::{Listing, Listings};
use outcomes_protocol::{
    Answer, Check, Checked, Clock, Limits, NotCounted, Request, Sample, Settings, Trace,
    with_separators,
};
use runner::{BuildError, Builder, Stop};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `interleaved outcomes` may be told.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Exit code: 0 if it is known (with --possible: yes, it can); 1 if it can't print \
what --possible asks for; 2 if there is no telling, within the limits or at all.")]
pub struct Options {
    /// A listing of the book, or a file of your own
    #[arg(value_name = "NAME|FILE.rs")]
    program: String,

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

    /// How time passes: in `any` way that the language permits, or as on a
    /// `prompt` machine, where computing takes no time and a sleep exactly
    /// what was asked for [default: what the listing says, or else any]
    #[arg(long, value_name = "CLOCK", value_parser = clock)]
    clock: Option<Clock>,

    /// The edition of Rust that the program is written in: 2015, 2018, 2021 or
    /// 2024 [default: that of the listings' package]
    #[arg(long, value_name = "YEAR", value_parser = runner::libraries::edition)]
    edition: Option<&'static str>,

    /// Count what is written to standard error too, as a terminal shows it
    #[arg(long)]
    stderr: bool,

    /// Explore for so long at most
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_seconds: u64,

    /// Keep so many states at most
    #[arg(long, value_name = "N", default_value_t = Limits::default().states)]
    max_states: u64,

    /// Take so much memory at most
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().memory >> 20)]
    max_memory: usize,

    /// Answer with one JSON object on a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn clock(text: &str) -> Result<Clock, String> {
    match text {
        "any" => Ok(Clock::Any),
        "prompt" => Ok(Clock::Prompt),
        _ => Err("it is `any` or `prompt`".to_owned()),
    }
}

/// Explores a program, and shows what came of it.
///
/// # Errors
/// Says in one sentence why there is no telling.
pub fn run(workspace: &Workspace, options: &Options) -> Result<Exit> {
    let program = Program::find(workspace, &options.program)?;
    let request = options.request(&program)?;
    let mut modelled = prepare(workspace)?;
    if let Some(edition) = options.edition {
        modelled = modelled.with_edition(edition);
    }
    let answer = ask(workspace, &modelled, &program, &request)?;
    let edition = modelled.edition();
    let found = Found::of(options, &answer);
    let text = if options.json {
        let object = Object::new(&program, edition, &request, &answer, found);
        serde_json::to_string(&object)? + "\n"
    } else {
        Report::new(&program.name, edition, &request, &answer).to_string()
    };
    show(&text)?;
    if options.trace.is_some() && options.possible.is_none() && answer.trace.is_none() {
        bail!("{} has no such execution to show", program.name);
    }
    Ok(match found {
        Found::Yes => Exit::Yes,
        Found::No => Exit::No,
        Found::Unknown => Exit::Unknown,
    })
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

/// Explores a program of the listings' folder, which may not be a listing yet.
///
/// # Errors
/// Says why there is no telling.
pub(crate) fn explore(
    workspace: &Workspace,
    modelled: &Modelled,
    file: &Path,
    clock: Clock,
) -> Result<Explored> {
    let program = Program::from_file(file)?;
    let request = Request {
        settings: Settings {
            clock,
            ..Settings::default()
        },
        ..Request::default()
    };
    match ask(workspace, modelled, &program, &request) {
        Ok(answer) => Ok(Explored::Answer(Box::new(answer))),
        Err(error) => match error.downcast_ref() {
            Some(Refused(_)) => Ok(Explored::Refused(error)),
            None => Err(error),
        },
    }
}

/// What came of exploring.
pub(crate) enum Explored {
    /// It could be explored.
    Answer(Box<Answer>),
    /// It does what can't be modelled: a sentence about it.
    Refused(anyhow::Error),
}

/// A sentence that says what a program does that can't be modelled.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The report on how a listing gets stuck.
///
/// # Errors
/// Says why there is no telling, or that it does not.
pub fn deadlocks(
    workspace: &Workspace,
    modelled: &Modelled,
    listings: &Listings,
    name: &str,
) -> Result<String> {
    let program = Program::from_listing(listings, listings.get(name)?, name)?;
    let request = Request {
        settings: Settings {
            clock: program.clock,
            ..Settings::default()
        },
        ..Request::default()
    };
    let answer = ask(workspace, modelled, &program, &request)?;
    ensure!(
        answer.complete && !answer.deadlocks.is_empty(),
        "{name} does not end in a deadlock, which listings.toml states"
    );
    Ok(report::of_deadlocks(&answer.deadlocks))
}

/// A program to explore.
struct Program {
    /// What to call it.
    name: String,
    /// What its file is called.
    file_name: String,
    source: String,
    clock: Clock,
}

impl Program {
    /// A file, if it looks like one; else a listing.
    fn find(workspace: &Workspace, named: &str) -> Result<Program> {
        let path = Path::new(named);
        if path.extension().is_some_and(|extension| extension == "rs") || named.contains('/') {
            return Program::from_file(path);
        }
        let listings = workspace.listings()?;
        let listing = listings
            .get(named)
            .with_context(|| format!("{named:?} is neither a listing nor a file named *.rs"))?;
        Program::from_listing(&listings, listing, named)
    }

    fn from_file(path: &Path) -> Result<Program> {
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

    fn from_listing(listings: &Listings, listing: &Listing, name: &str) -> Result<Program> {
        ensure!(
            !listing.is_broken(),
            "{name} does not compile, as it is meant to: there is nothing to explore"
        );
        if let Some(reason) = &listing.unexplored {
            bail!("{name} can't be explored: {reason}");
        }
        Ok(Program {
            name: name.to_owned(),
            file_name: format!("{name}.rs"),
            source: listings.source(name)?,
            clock: listing.clock,
        })
    }
}

impl Options {
    fn request(&self, program: &Program) -> Result<Request> {
        let check = self.possible.as_deref().map(read_output).transpose()?;
        let check = check.map(|text| Check { text, ending: None });
        // Forgetting the last line break is easily done.
        let is_cut = |check: &&Check| !check.text.is_empty() && !check.text.ends_with('\n');
        let with_break = check.as_ref().filter(is_cut).map(|check| Check {
            text: format!("{}\n", check.text),
            ending: None,
        });
        let settings = Settings {
            clock: self.clock.unwrap_or(program.clock),
            stderr: self.stderr,
            limits: Limits {
                states: self.max_states,
                time: Duration::from_secs(self.max_seconds),
                memory: self.max_memory.saturating_mul(1 << 20),
            },
            ..Settings::default()
        };
        Ok(Request {
            settings,
            // To look for one output takes much less than to find all.
            search_only: check.is_some() && self.trace.is_none() && !self.json,
            list: if self.all { usize::MAX } else { self.list },
            trace: self.sample(check.as_ref())?,
            checks: check.into_iter().chain(with_break).collect(),
            graph: 0,
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

/// Has the look-alikes built, and says so if that takes a while.
///
/// # Errors
/// When they can't be built.
pub fn prepare(workspace: &Workspace) -> Result<Modelled> {
    prepare_and_tell(workspace, &mut |_| {})
}

/// The same for one who wants to know how far it is, too.
///
/// # Errors
/// When they can't be built.
pub(crate) fn prepare_and_tell(
    workspace: &Workspace,
    tell: &mut dyn FnMut(runner::Progress),
) -> Result<Modelled> {
    let mut progress = LateProgress::new("Building what explores programs");
    let modelled = Modelled::prepare(&workspace.root, LISTINGS, &mut |step| {
        progress.step(step.fresh, step.done, step.total, &step.name);
        tell(step);
    });
    progress.end(&modelled);
    modelled.map_err(|error| anyhow!("{error}"))
}

fn ask(
    workspace: &Workspace,
    modelled: &Modelled,
    program: &Program,
    request: &Request,
) -> Result<Answer> {
    let mut progress = LateProgress::new(&format!("Exploring {}", program.name));
    let mut tell = |far: &outcomes_protocol::Progress| {
        if far.seconds > 1.0 {
            let states = with_separators(far.states.into());
            let how_far = format!("{states} states in {:.0} s", far.seconds);
            progress.begin().say(&how_far);
        }
    };
    let (file_name, source) = (&program.file_name, &program.source);
    if cargo_outcomes::may_be_denied(source) {
        compile(workspace, modelled, program)?;
    }
    let stop = Stop::new();
    let answer = modelled.ask(file_name, source, request, &mut tell, &stop);
    progress.end(&answer);
    answer.map_err(|error| match error {
        NoAnswer::Rejected { first, rendered } => {
            let words = runner::without_colours(&rendered);
            rejected(workspace, modelled, program, &first, &words)
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
    })
}

/// Tells a program that doesn't compile from one that needs what isn't
/// modelled.
fn rejected(
    workspace: &Workspace,
    modelled: &Modelled,
    program: &Program,
    first: &str,
    words: &str,
) -> anyhow::Error {
    match (compile(workspace, modelled, program), missing_crate(words)) {
        (Err(error), _) => error,
        (Ok(()), Some(missing)) => not_modelled(modelled, program, missing).into(),
        (Ok(()), None) => Refused(format!(
            "{} can't be explored: it compiles, but needs what is not modelled: {first}",
            program.name
        ))
        .into(),
    }
}

/// It needs a crate that nobody modelled.
fn not_modelled(modelled: &Modelled, program: &Program, missing: &str) -> Refused {
    Refused(format!(
        "{} can't be explored: it needs the crate `{missing}`, and only {} are modelled",
        program.name,
        modelled.crates()
    ))
}

/// Compiles a program with the originals of what it uses.
fn compile(workspace: &Workspace, modelled: &Modelled, program: &Program) -> Result<()> {
    let built = runner::build_examples(&workspace.root, LISTINGS, &mut |_| {})?;
    let builder =
        Builder::new(built.libraries, workspace.programs()).with_edition(modelled.edition());
    let Err(error) = builder.build_as(&program.file_name, &program.source, &Stop::new()) else {
        return Ok(());
    };
    let BuildError::Rejected { rendered, .. } = error else {
        return Err(error.into());
    };
    let words = runner::without_colours(&rendered);
    let name = &program.name;
    match missing_crate(&words) {
        Some(missing) => Err(not_modelled(modelled, program, missing).into()),
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
            return if is_known { Found::Yes } else { Found::Unknown };
        }
        match answer.checked.first() {
            Some(Checked::Known(membership)) if membership.is_possible() => Found::Yes,
            Some(Checked::Known(_)) => Found::No,
            _ => Found::Unknown,
        }
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Object<'a> {
    program: &'a str,
    edition: &'a str,
    clock: Clock,
    outputs: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_counted: Option<String>,
    complete: bool,
    endings: BTreeMap<&'static str, u128>,
    states: usize,
    executions: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    listed: &'a [outcomes_protocol::Output],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deadlocks: &'a [outcomes_protocol::Deadlock],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    leaks: &'a [outcomes_protocol::Leak],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    panics: &'a [outcomes_protocol::PossiblePanic],
    /// `null` if there is no telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'a Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a Trace>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_trace: Option<&'a str>,
    /// Who was still computing when time was up.
    #[serde(skip_serializing_if = "Option::is_none")]
    computing: Option<&'a outcomes_protocol::Computing>,
}

impl<'a> Object<'a> {
    fn new(
        program: &'a Program,
        edition: &'a str,
        request: &Request,
        answer: &'a Answer,
        found: Found,
    ) -> Object<'a> {
        let mut endings = BTreeMap::new();
        for ends in &answer.endings {
            let count: &mut u128 = endings.entry(ends.ending.kind()).or_default();
            *count = count.saturating_add(ends.outputs);
        }
        let checked = answer.checked.first();
        Object {
            program: &program.name,
            edition,
            clock: request.settings.clock,
            outputs: answer.outputs,
            not_counted: answer.not_counted.as_ref().map(ToString::to_string),
            complete: answer.complete,
            endings,
            states: answer.states,
            executions: answer.executions,
            seconds: answer.seconds,
            listed: &answer.listed,
            deadlocks: &answer.deadlocks,
            leaks: &answer.leaks,
            panics: &answer.panics,
            possible: checked.map(|_| match found {
                Found::Yes => Some(true),
                Found::No => Some(false),
                Found::Unknown => None,
            }),
            checked,
            trace: answer.trace.as_ref(),
            no_trace: answer.no_trace.as_deref(),
            computing: answer.computing.as_ref(),
        }
    }
}
