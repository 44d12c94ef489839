//! What the page knows of a listing's outcomes: the data that its tools read.
//!
//! For each listing that can be explored there is a file
//! `outcomes/NAME.json` in the book's `src`, which mdBook copies into the
//! site. Listings that can't (see [`Listing::unexplored`]), and those that
//! must not compile, have none. The listing's `<figure>` names it, relative to
//! the page: `data-outcomes="outcomes/two-threads.json"`. Where its graph is too
//! big for the page, `data-graph="none"` says so.
//!
//! # The form
//! A file holds one object: the engine's [`Answer`] (its fields and all types in
//! it are those of [`outcomes_protocol`]), and some more besides ([`Data`]):
//!
//! ```text
//! {
//!   "name": "two-threads",
//!   "clock": "any",                     // or "prompt"
//!   "count": "140",                     // exact, with thousands separators; null where there is no end
//!   "recorded": 17,                     // the recorded output's place in `listed`, from 0, or null
//!   "deadlock_traces": [{ … }],         // a Trace that ends in each of `deadlocks`; at most 8
//!
//!   "outputs": 140,                     // the count as a number: may be beyond 2^53
//!   "not_counted": null,                // or why there is no count: "unbounded"
//!   "complete": true,
//!   "endings": [{ "ending": { "kind": "returned" }, "outputs": 140 }],
//!   "states": 40, "executions": 34, "seconds": 0.0007,
//!   "listed": [{ "text": "…\n", "ending": { "kind": "returned" } }],   // the first 1000;
//!                                       // 100 where there is a graph
//!   "checked": [{ "known": { "possible": [0, 1, 0] } }],   // the recorded output, by a schedule
//!   "deadlocks": [{ "blocked": [ … ], "schedule": [ … ] }],
//!   "trace": { … },                     // a Trace of an execution that prints what is recorded
//!   "graph": { … }                      // a GraphData, or null beyond 40,000 edges
//! }
//! ```
//!
//! Endings are `{"kind": "returned" | "aborted" | "deadlocked" | "never-ends"}`,
//! `{"kind": "exited", "code": 3}` and `{"kind": "panicked", "message": "…"}`.
//! Places (`{"file", "line", "column"}`) count lines as the page does, from 1.
//!
//! # How it gets there
//! [`write`] explores what it must, and keeps every file in cargo's target
//! folder by what it was made from, so that a listing is explored once.

use crate::listings::{Ends, Listing, Listings};
use anyhow::{Context, Result};
use outcomes_protocol::{
    Answer, Check, Clock, Ending, Limits, Progress, Request, Sample, Settings, Trace,
};
use runner::{Modelled, Stop};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The number of [`Data`]'s form: one more whenever that changes, so that what
/// was kept is made again.
const FORM: u32 = 1;

/// How many outputs a page can list.
const LISTED: usize = 1000;

/// How many are listed where the page has the graph, and so all of them.
const LISTED_WITH_GRAPH: usize = 100;

/// The most edges of a graph that a page is given: some 400 kB, a quarter of
/// that as servers compress it.
const GRAPH: usize = 40_000;

/// How many deadlocks a page can step through.
const DEADLOCKS: usize = 8;

/// For how long a listing may be explored. What takes longer should be told
/// from the start that it is not to be explored.
const TIME: Duration = Duration::from_secs(600);

/// What the page is told of one listing.
#[derive(Debug, Serialize)]
pub struct Data {
    /// The listing.
    pub name: String,
    /// How time passes.
    pub clock: Clock,
    /// How many outputs there are, with thousands separators.
    pub count: Option<String>,
    /// The recorded output's place among those that are listed, from 0.
    pub recorded: Option<usize>,
    /// An execution for each deadlock.
    pub deadlock_traces: Vec<Trace>,
    /// What the engine says.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What became of writing the data.
#[derive(Debug, Default)]
pub struct Written {
    /// The listings whose files have changed.
    pub changed: Vec<String>,
    /// The listings that could not be explored, and why.
    pub failed: Vec<(String, anyhow::Error)>,
}

/// Writes the data of every listing that can be explored into a folder, and
/// removes what else is there. Files that would stay the same are not touched.
/// All are explored before any is written.
///
/// `progress` gets how many are done, of how many, and the name of the next.
///
/// # Errors
/// When the folder can't be written.
pub fn write(
    listings: &Listings,
    modelled: &Modelled,
    folder: &Path,
    progress: &mut dyn FnMut(usize, usize, &str),
) -> Result<Written> {
    let explorable = listings.iter().filter(|(_, it)| it.is_explorable());
    let names: Vec<&str> = explorable.map(|(name, _)| name).collect();
    let mut written = Written::default();
    let mut files = Vec::new();
    for (done, name) in names.iter().enumerate() {
        progress(done, names.len(), name);
        match json(listings, modelled, name) {
            Ok(json) => files.push((*name, json)),
            Err(error) => written.failed.push(((*name).to_owned(), error)),
        }
    }
    let cannot = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    remove_others(folder, &names).with_context(cannot)?;
    for (name, json) in files {
        let file = folder.join(format!("{name}.json"));
        if fs::read(&file).is_ok_and(|old| old == json) {
            continue;
        }
        fs::write(&file, json).with_context(cannot)?;
        written.changed.push(name.to_owned());
    }
    Ok(written)
}

fn remove_others(folder: &Path, names: &[&str]) -> std::io::Result<()> {
    let keep: BTreeSet<PathBuf> = names
        .iter()
        .map(|name| folder.join(format!("{name}.json")))
        .collect();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_ours = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if is_ours && !keep.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// A listing's file: as it was kept, or made by exploring.
fn json(listings: &Listings, modelled: &Modelled, name: &str) -> Result<Vec<u8>> {
    let kept = kept(listings, modelled, name)?;
    if let Ok(json) = fs::read(&kept) {
        return Ok(json);
    }
    let data = explore(listings, modelled, name, &mut |_| {})?;
    let json = serde_json::to_vec(&data).context("the data are plain")?;
    keep(&kept, &json).with_context(|| format!("cannot write {}", kept.display()))?;
    Ok(json)
}

/// Whether a listing's file says that its graph is too big for a page. One that
/// isn't there yet says nothing.
pub(crate) fn lacks_graph(file: &Path) -> bool {
    #[derive(Deserialize)]
    struct Known {
        graph: Option<IgnoredAny>,
    }
    let known = fs::read(file).ok();
    let known: Option<Known> = known.and_then(|json| serde_json::from_slice(&json).ok());
    known.is_some_and(|known| known.graph.is_none())
}

/// Where it is kept: named for everything that it is made from.
fn kept(listings: &Listings, modelled: &Modelled, name: &str) -> Result<PathBuf> {
    let request = serde_json::to_string(&request(listings, name)?)?;
    let mut hasher = DefaultHasher::new();
    (
        FORM,
        modelled.fingerprint(),
        listings.source(name)?,
        request,
    )
        .hash(&mut hasher);
    let file = format!("{name}-{:016x}.json", hasher.finish());
    Ok(modelled.folder().join("outcomes").join(name).join(file))
}

/// Keeps it in place of what was kept before.
fn keep(file: &Path, json: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(folder)?,
    }
    let new = file.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, json)?;
    fs::rename(new, file)
}

/// Explores a listing for its page.
///
/// # Errors
/// Says why it can't be explored, or not to the end.
pub fn explore(
    listings: &Listings,
    modelled: &Modelled,
    name: &str,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Data> {
    let request = request(listings, name)?;
    let mut answer = ask(listings, modelled, name, &request, progress)?;
    if let Some(reason) = answer.not_counted.as_ref().filter(|_| !answer.complete) {
        anyhow::bail!("it can't be explored to the end: {reason}");
    }
    let mut deadlock_traces = Vec::new();
    for deadlock in answer.deadlocks.iter().take(DEADLOCKS) {
        let request = Request {
            settings: request.settings,
            search_only: true,
            trace: Some(Sample::Schedule(deadlock.schedule.clone())),
            ..Request::default()
        };
        let traced = ask(listings, modelled, name, &request, &mut |_| {})?;
        deadlock_traces.extend(traced.trace);
    }
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
        name: name.to_owned(),
        clock: request.settings.clock,
        count: answer.outputs.map(with_separators),
        recorded,
        deadlock_traces,
        answer,
    })
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
    progress: &mut dyn FnMut(&Progress),
) -> Result<Answer> {
    let source = listings.source(name)?;
    let file_name = format!("{name}.rs");
    let answer = modelled.ask(&file_name, &source, request, progress, &Stop::new());
    Ok(answer?)
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

/// `117,120`.
pub fn with_separators(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::with_separators;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in [
            (0, "0"),
            (140, "140"),
            (1000, "1,000"),
            (117_120, "117,120"),
        ] {
            assert_eq!(with_separators(number), text);
        }
        assert_eq!(with_separators(1_234_567_890), "1,234,567,890");
    }
}
