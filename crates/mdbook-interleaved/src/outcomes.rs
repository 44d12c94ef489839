//! What the page knows of a listing's outcomes: the data that its tools read.
//!
//! For each listing that can be explored there is a file
//! `outcomes/NAME.json` in the book's `src`, which mdBook copies into the
//! site. Listings that can't (see [`Listing::unexplored`]), and those that
//! must not compile, have none. The listing's `<figure>` names it, relative to
//! the page, with its [version](version):
//! `data-outcomes="outcomes/two-threads.json?5d0c…"`. `data-clock="prompt"` says
//! that it is explored on the prompt clock. What is in the file: see [`Data`].
//!
//! # How it gets there
//! [`write`] explores what it must, and keeps every file in cargo's target
//! folder by what it was made from, so that a listing is explored once. A page
//! takes a file of another version for one that isn't there yet.

mod data;
#[cfg(feature = "command")]
pub mod fences;

use crate::listings::{Ends, Listing, Listings};
use crate::whole_file;
use anyhow::{Context, Result};
use cargo_outcomes::Modelled;
pub use data::Data;
use data::FORM;
use outcomes_protocol::{
    Answer, Check, Ending, Limits, Request, Sample, Schedule, Settings, Trace, with_separators,
};
use runner::Stop;
use std::collections::BTreeSet;
use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;
use std::{fmt, fs};

/// How many outputs a page can list.
const LISTED: usize = 1000;

/// How many are listed where the page has the graph, and so all of them.
const LISTED_WITH_GRAPH: usize = 100;

/// The most edges of a graph that a page is given: some 400 kB, a quarter of
/// that as servers compress it.
pub const GRAPH: usize = 40_000;

/// How many deadlocks, leaks and panics a page can step through, of each, where
/// it has no graph.
const TRACES: usize = 8;

/// For how long a listing may be explored. What takes longer should be told
/// from the start that it is not to be explored.
const TIME: Duration = Duration::from_secs(600);

/// Why not all is known of a program.
#[derive(Debug)]
struct NotToTheEnd(String);

impl fmt::Display for NotToTheEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it can't be explored to the end: {}", self.0)
    }
}

impl Error for NotToTheEnd {}

/// What became of a listing.
#[derive(Debug)]
pub struct Step<'a> {
    /// How many listings are done, this one included.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// The listing's name.
    pub name: &'a str,
    /// Its file; or why it could not be explored.
    pub json: Result<Vec<u8>>,
}

/// Writes the data of every listing that can be explored into a folder, each as
/// soon as it is known, and removes what else is there. Files that would stay
/// the same are not touched.
///
/// Several are explored at once, those with few outputs first; `tell` gets each
/// when it is done.
///
/// # Errors
/// When the folder can't be written.
pub fn write(
    listings: &Listings,
    modelled: &Modelled,
    folder: &Path,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<()> {
    let mut explorable: Vec<_> = listings
        .iter()
        .filter(|(_, it)| it.is_explorable())
        .collect();
    explorable.sort_by_key(|(name, it)| (it.outputs.unwrap_or(u64::MAX), *name));
    let names: Vec<&str> = explorable.iter().map(|(name, _)| *name).collect();
    let json = |name: &str| {
        let program = Program::of_listing(listings, name)?;
        let kept = program.kept(modelled)?;
        if let Ok(json) = fs::read(&kept) {
            return Ok(json);
        }
        let data = program.explore(modelled)?;
        let json = serde_json::to_vec(&data).context("the data are plain")?;
        keep(&kept, &json).with_context(|| format!("cannot write {}", kept.display()))?;
        Ok(json)
    };
    write_each(&names, &json, folder, tell)
}

/// Writes what `json` makes of each name into a folder, and removes what else is
/// there.
fn write_each(
    names: &[&str],
    json: &(dyn Fn(&str) -> Result<Vec<u8>> + Sync),
    folder: &Path,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<()> {
    let cannot = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    remove_others(folder, names).with_context(cannot)?;

    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    let next = Mutex::new(names.iter());
    let (sender, made) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_once {
            let (next, sender) = (&next, sender.clone());
            let take = move || next.lock().unwrap_or_else(PoisonError::into_inner).next();
            scope.spawn(move || {
                while let Some(name) = take() {
                    // Nobody wants more once one could not be written.
                    if sender.send((name, json(name))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (index, (name, json)) in made.into_iter().enumerate() {
            if let Ok(json) = &json {
                let file = folder.join(format!("{name}.json"));
                whole_file::write(&file, json).with_context(cannot)?;
            }
            tell(Step {
                done: index + 1,
                total: names.len(),
                name,
                json,
            });
        }
        Ok(())
    })
}

/// Removes what was written for others. The folder may hold more, which isn't ours.
fn remove_others(folder: &Path, names: &[&str]) -> std::io::Result<()> {
    let keep: BTreeSet<PathBuf> = names
        .iter()
        .map(|name| folder.join(format!("{name}.json")))
        .collect();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !keep.contains(&path) && is_ours(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether a file is one that we wrote, or have begun to: its data open with their
/// version.
fn is_ours(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    if extension != "json" && !extension.starts_with(whole_file::BEGUN) {
        return false;
    }
    let mut start = [0; r#"{"version":"0123456789abcdef""#.len()];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut start));
    let version = start
        .strip_prefix(br#"{"version":""#)
        .and_then(|rest| rest.strip_suffix(b"\""));
    read.is_ok() && version.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
}

/// Keeps it in place of what was kept before.
fn keep(file: &Path, json: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(folder)?,
    }
    whole_file::write(file, json)
}

/// Differs when a listing's data do: when the program does, or what is asked
/// about it, or the form of the data. Not when only the engine does, which a
/// page can't know.
///
/// # Errors
/// When the listing can't be read.
pub fn version(listings: &Listings, name: &str) -> Result<String> {
    Program::of_listing(listings, name)?.version()
}

/// A program, and what a page is told of it.
#[derive(Debug)]
struct Program {
    name: String,
    source: String,
    /// The edition that the book gives it, if it does.
    edition: Option<String>,
    request: Request,
}

impl Program {
    fn of_listing(listings: &Listings, name: &str) -> Result<Program> {
        Ok(Program {
            name: name.to_owned(),
            source: listings.source(name)?,
            edition: listings.edition(name).map(str::to_owned),
            request: request(listings, name)?,
        })
    }

    fn version(&self) -> Result<String> {
        let request = serde_json::to_string(&self.request)?;
        let mut hasher = DefaultHasher::new();
        (FORM, &self.source, self.edition.as_deref(), request).hash(&mut hasher);
        Ok(format!("{:016x}", hasher.finish()))
    }

    /// Where its data are kept: named for everything that they are made from.
    fn kept(&self, modelled: &Modelled) -> Result<PathBuf> {
        let file = format!("{}-{:016x}.json", self.version()?, modelled.fingerprint());
        Ok(modelled
            .folder()
            .join("outcomes")
            .join(&self.name)
            .join(file))
    }

    /// Explores it for its page.
    ///
    /// # Errors
    /// Says why it can't be explored, or not to the end.
    fn explore(&self, modelled: &Modelled) -> Result<Data> {
        let request = &self.request;
        let mut answer = self.ask(modelled, request)?;
        if let Some(reason) = answer.not_counted.as_ref().filter(|_| !answer.complete) {
            return Err(NotToTheEnd(reason.to_string()).into());
        }
        let traces = |schedules: &mut dyn Iterator<Item = &Schedule>| -> Result<Vec<Trace>> {
            let mut traces = Vec::new();
            // The page finds its own way through a graph.
            let wanted = if answer.graph.is_some() { 0 } else { TRACES };
            for schedule in schedules.take(wanted) {
                let request = Request {
                    settings: request.settings,
                    search_only: true,
                    trace: Some(Sample::Schedule(schedule.clone())),
                    ..Request::default()
                };
                traces.extend(self.ask(modelled, &request)?.trace);
            }
            Ok(traces)
        };
        let deadlock_traces = traces(&mut answer.deadlocks.iter().map(|it| &it.schedule))?;
        let leak_traces = traces(&mut answer.leaks.iter().map(|it| &it.schedule))?;
        let panic_traces = traces(&mut answer.panics.iter().map(|it| &it.schedule))?;
        let recorded = request.checks.first().and_then(|check| {
            let is_recorded = |output: &outcomes_protocol::Output| {
                let ending = check.ending.as_ref();
                output.text == check.text && ending.is_none_or(|ending| output.ending.is(ending))
            };
            answer.listed.iter().position(is_recorded)
        });
        if answer.graph.is_some() {
            answer.listed.truncate(LISTED_WITH_GRAPH);
        }
        Ok(Data {
            version: self.version()?,
            name: self.name.clone(),
            clock: request.settings.clock,
            edition: self.in_edition(modelled).edition().to_owned(),
            count: answer.outputs.map(with_separators),
            recorded,
            deadlock_traces,
            leak_traces,
            panic_traces,
            answer,
        })
    }

    fn ask(&self, modelled: &Modelled, request: &Request) -> Result<Answer> {
        let file_name = format!("{}.rs", self.name);
        let modelled = self.in_edition(modelled);
        let stop = Stop::new();
        Ok(modelled.ask(&file_name, &self.source, request, &mut |_| {}, &stop)?)
    }

    /// What explores it, in its edition.
    fn in_edition(&self, modelled: &Modelled) -> Modelled {
        match &self.edition {
            Some(edition) => modelled.with_edition(edition),
            None => modelled.clone(),
        }
    }
}

/// Asks a listing's program.
///
/// # Errors
/// Says why there is no answer.
pub fn ask(
    listings: &Listings,
    modelled: &Modelled,
    name: &str,
    request: &Request,
) -> Result<Answer> {
    Program::of_listing(listings, name)?.ask(modelled, request)
}

/// What is asked for a listing's page.
fn request(listings: &Listings, name: &str) -> Result<Request> {
    let listing = listings.get(name)?;
    let recorded = match fs::read_to_string(listings.transcript_path(name)) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        other => Some(other.with_context(|| format!("the recorded output of {name}"))?),
    };
    let check = recorded.map(|text| Check {
        text,
        ending: listing.only_ending(),
    });
    Ok(Request {
        settings: settings(listing),
        list: LISTED,
        trace: check.clone().map(Sample::Of),
        checks: check.into_iter().collect(),
        graph: GRAPH,
        ..Request::default()
    })
}

/// How a listing is explored.
pub fn settings(listing: &Listing) -> Settings {
    Settings {
        clock: listing.clock,
        limits: Limits {
            time: TIME,
            ..Limits::default()
        },
        ..Settings::default()
    }
}

impl Listing {
    /// How it ends, if there is only one way.
    fn only_ending(&self) -> Option<Ending> {
        match self.ends.as_slice() {
            [only] => Some(only.to_ending()),
            _ => None,
        }
    }
}

impl Ends {
    /// The engine's word for it. The message of a panic is left open.
    pub fn to_ending(self) -> Ending {
        match self {
            Ends::Returns => Ending::Returned,
            Ends::Exits(code) => Ending::Exited { code },
            Ends::Panics => Ending::Panicked {
                message: String::new(),
            },
            Ends::Deadlocks => Ending::Deadlocked,
            Ends::NeverEnds => Ending::NeverEnds,
        }
    }

    /// The registry's word for an ending, if it has one.
    pub fn of(ending: &Ending) -> Option<Ends> {
        Some(match ending {
            Ending::Returned => Ends::Returns,
            Ending::Exited { code } => Ends::Exits(*code),
            Ending::Panicked { .. } => Ends::Panics,
            Ending::Deadlocked => Ends::Deadlocks,
            Ending::NeverEnds => Ends::NeverEnds,
            Ending::Aborted => return None,
        })
    }
}
