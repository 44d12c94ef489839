//! Whether the engine is right on a program, as far as real runs can tell.

use crate::documentation::judge::names_insides;
use crate::programs::{Program, Seen, Then};
use cargo_outcomes::{Modelled, NoAnswer};
use outcomes_protocol::{Answer, Check, Checked, Clock, Ending, Limits, Request, Settings};
use runner::Stop;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What exploring one of these programs may take.
const LONGEST: Duration = Duration::from_secs(20);

/// Bytes that it may take.
const MEMORY: usize = 1 << 30;

/// What comes of holding the engine against a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Whatever was seen is possible.
    Right,
    /// It is refused for this reason, which is the right one.
    Refused(String),
    /// The engine is wrong in this.
    Wrong(String),
}

impl Verdict {
    /// Whether the engine is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Verdict::Wrong(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Right => formatter.write_str("right"),
            Verdict::Refused(reason) => write!(formatter, "refused: {reason}"),
            Verdict::Wrong(how) => write!(formatter, "WRONG: {how}"),
        }
    }
}

/// The engine as a user meets it, in every edition that is asked for.
#[derive(Debug)]
pub struct Engine {
    modelled: Modelled,
    by_edition: BTreeMap<String, Modelled>,
}

impl Engine {
    /// Builds the look-alikes, with cargo.
    ///
    /// # Errors
    /// When that fails.
    pub fn prepare(programs: &[Program]) -> Result<Engine, String> {
        let package = env!("CARGO_PKG_NAME");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modelled = Modelled::prepare(folder, package, &mut |_| {});
        let modelled = modelled.map_err(|error| error.to_string())?;
        let editions = programs
            .iter()
            .filter_map(|program| program.edition.clone());
        let by_edition = editions
            .map(|edition| (edition.clone(), modelled.with_edition(&edition)))
            .collect();
        Ok(Engine {
            modelled,
            by_edition,
        })
    }

    /// A folder in cargo's target folder.
    pub fn folder(&self) -> PathBuf {
        self.modelled.folder().join("strangers")
    }

    /// What the engine says of a program, when asked whether all that was seen
    /// is possible.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask(&self, program: &Program, clock: Clock) -> Result<Answer, NoAnswer> {
        let modelled = match &program.edition {
            Some(edition) => &self.by_edition[edition],
            None => &self.modelled,
        };
        let source = program.source().map_err(NoAnswer::Failed)?;
        let checks = program.seen.iter().chain(&program.impossible);
        let checks = checks.flat_map(checks_of).collect();
        let request = Request {
            settings: Settings {
                clock,
                limits: Limits {
                    time: LONGEST,
                    memory: MEMORY,
                    ..Limits::default()
                },
                ..Settings::default()
            },
            list: 20,
            checks,
            ..Request::default()
        };
        let stop = Stop::new();
        modelled.ask(&program.file_name(), &source, &request, &mut |_| {}, &stop)
    }
}

fn checks_of(seen: &Seen) -> impl Iterator<Item = Check> {
    seen.then.endings().into_iter().map(|ending| Check {
        text: seen.text.clone(),
        ending: Some(ending),
    })
}

/// Whether the engine is right, given its answer.
pub fn judge(program: &Program, clock: Clock, answer: &Result<Answer, NoAnswer>) -> Verdict {
    match (answer, &program.refused) {
        (Ok(answer), None) => wrong(program, clock, answer).map_or(Verdict::Right, Verdict::Wrong),
        (Ok(_), Some(_)) => Verdict::Wrong("it is explored, not refused".to_owned()),
        (Err(no_answer), expected) => {
            let reason = no_answer.to_string();
            let is_reason = !matches!(no_answer, NoAnswer::Failed(_) | NoAnswer::OverLimit(_));
            match expected {
                Some(expected)
                    if is_reason && reason.contains(expected) && !names_insides(&reason) =>
                {
                    Verdict::Refused(reason)
                }
                _ => Verdict::Wrong(reason),
            }
        }
    }
}

/// In what an answer is wrong.
fn wrong(program: &Program, clock: Clock, answer: &Answer) -> Option<String> {
    let mut checked = answer.checked.iter();
    let seen = program.seen.iter().map(|seen| (seen, true));
    let impossible = program.impossible.iter().map(|seen| (seen, false));
    for (seen, was_seen) in seen.chain(impossible) {
        // All of them, whether or not the first is enough.
        let checked: Vec<&Checked> = checked.by_ref().take(seen.then.endings().len()).collect();
        if seen.late && clock == Clock::Prompt {
            continue;
        }
        let how = match (any_is_possible(&checked), was_seen) {
            (Some(true), true) | (Some(false), false) => continue,
            (Some(false), true) => "was seen, and is called impossible",
            (Some(true), false) => "is ruled out, and is called possible",
            (None, true) => "was seen, and no telling whether it is possible",
            (None, false) => "is ruled out, and no telling whether it is possible",
        };
        return Some(format!("{} {how}", in_words(seen)));
    }
    let mut never = program.never.clone();
    if clock == Clock::Prompt && !program.seen.iter().any(|seen| seen.then == Then::Hung) {
        never.push(Then::Hung);
    }
    if never.is_empty() {
        return None;
    }
    if !answer.complete {
        return Some("it is not explored to the end".to_owned());
    }
    let is_ruled_out = |ending: &Ending| {
        let mut never = never.iter().flat_map(Then::endings);
        never.any(|never| ending.is(&never))
    };
    let found = answer
        .endings
        .iter()
        .find(|ends| is_ruled_out(&ends.ending))?;
    Some(format!(
        "that is ruled out, and called possible: {}",
        found.ending
    ))
}

/// `None` if there is no telling.
fn any_is_possible(all: &[&Checked]) -> Option<bool> {
    let mut any = Some(false);
    for checked in all {
        match checked {
            Checked::Known(membership) if membership.is_possible() => return Some(true),
            Checked::Known(_) => {}
            Checked::Unknown(_) => any = None,
        }
    }
    any
}

fn in_words(seen: &Seen) -> String {
    match &seen.then {
        Then::Ended(ending) => format!("{:?}, then {ending},", seen.text),
        Then::Hung => format!("{:?}, then a hang,", seen.text),
    }
}
