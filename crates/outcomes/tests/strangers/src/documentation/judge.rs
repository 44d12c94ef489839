//! Whether the engine is right on an example.

use super::examples::{Example, Meant, Skipped};
use super::expected::Expected;
use crate::originals;
use crate::programs::folder;
use cargo_outcomes::{Modelled, NoAnswer};
use outcomes_protocol::{Answer, Clock, Ending, Limits, Request, Settings};
use runner::{BuildError, Builder, Stop};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What exploring an example may take.
const LONGEST: Duration = Duration::from_secs(5);

/// Bytes that it may take.
const MEMORY: usize = 512 << 20;

/// What comes of an example.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It does what it is meant to do, on every schedule.
    Explored,
    /// It may do something else, which is right for this reason.
    Exception(String),
    /// It compiles, or doesn't, as it is meant to; there is nothing to explore.
    Compiled,
    /// It is refused for this reason, which is right.
    Refused(String),
    /// It is not looked at.
    Skipped(Skipped),
    /// The engine is wrong in this.
    Wrong(String),
}

/// The engine and the originals, each in every edition.
#[derive(Debug)]
pub struct Judge {
    modelled: Modelled,
    originals: Builder,
    expected: Expected,
    by_edition: Mutex<BTreeMap<String, (Modelled, Builder)>>,
}

impl Judge {
    /// Builds the look-alikes and the originals, with cargo.
    ///
    /// # Errors
    /// When that fails.
    pub fn prepare() -> Result<Judge, String> {
        let package = env!("CARGO_PKG_NAME");
        let modelled = Modelled::prepare(folder(), package, &mut |_| {});
        let modelled = modelled.map_err(|error| error.to_string())?;
        let originals = originals::build()?;
        Ok(Judge {
            originals: Builder::new(originals, modelled.folder().join("strangers")),
            modelled,
            expected: Expected::read()?,
            by_edition: Mutex::default(),
        })
    }

    /// What is expected of the examples.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    fn in_edition(&self, edition: &str) -> (Modelled, Builder) {
        let mut known = self
            .by_edition
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let both = known.entry(edition.to_owned()).or_insert_with(|| {
            let libraries = self.originals.libraries().clone().with_edition(edition);
            let originals = Builder::new(libraries, self.modelled.folder().join("strangers"));
            (self.modelled.with_edition(edition), originals)
        });
        both.clone()
    }

    /// Holds the engine against an example.
    pub fn judge(&self, example: &Example, clock: Clock) -> Verdict {
        if let Some(skipped) = example.skipped {
            return Verdict::Skipped(skipped);
        }
        let (modelled, originals) = self.in_edition(&example.edition);
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
            ..Request::default()
        };
        let stop = Stop::new();
        let name = "example.rs";
        let answer = modelled.ask(name, &example.program, &request, &mut |_| {}, &stop);
        match (answer, example.meant) {
            (Err(NoAnswer::Rejected { .. }), Meant::NotCompile) => Verdict::Compiled,
            (Err(NoAnswer::Refused(refused)), Meant::NotCompile)
                if refused.reason.contains("unsafe code") =>
            {
                Verdict::Compiled
            }
            (_, Meant::NotCompile) => Verdict::Wrong("it compiles, and should not".to_owned()),
            (Err(no_answer @ NoAnswer::Rejected { .. }), _) => {
                match originals.build(&example.program, &stop) {
                    Err(BuildError::Rejected { .. }) => Verdict::Skipped(Skipped::OtherVersion),
                    _ => self.refused(&no_answer),
                }
            }
            (Err(no_answer), _) => self.refused(&no_answer),
            (Ok(_), Meant::Compile) => Verdict::Compiled,
            (Ok(answer), Meant::Return | Meant::Panic) => self.explored(example, clock, &answer),
        }
    }

    fn refused(&self, no_answer: &NoAnswer) -> Verdict {
        let reason = no_answer.to_string();
        let is_reason = matches!(no_answer, NoAnswer::Rejected { .. } | NoAnswer::Refused(_));
        match self
            .expected
            .reasons
            .iter()
            .find(|right| reason.contains(*right))
        {
            Some(right) if is_reason && !names_insides(&reason) => Verdict::Refused(right.clone()),
            _ => Verdict::Wrong(reason),
        }
    }

    fn explored(&self, example: &Example, clock: Clock, answer: &Answer) -> Verdict {
        let meant = match example.meant {
            Meant::Panic => "panics",
            _ => "returns",
        };
        let besides = answer.endings.iter().map(|ends| &ends.ending);
        let besides: Vec<&Ending> = besides.filter(|ending| ending.kind() != meant).collect();
        let can: BTreeSet<&str> = besides.iter().map(|ending| ending.kind()).collect();
        let exception = self.expected.exception(&example.name, clock);
        let listed = exception.map_or(&[][..], |exception| &exception.can);
        let mut listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
        let may_be_too_big = listed.remove("limit");
        if !answer.complete {
            return match exception {
                Some(exception) if may_be_too_big => Verdict::Exception(exception.because.clone()),
                _ => Verdict::Wrong("it is not explored to the end".to_owned()),
            };
        }
        if can != listed {
            let besides: Vec<String> = besides.iter().map(ToString::to_string).collect();
            let sentence = match besides.is_empty() {
                true => format!("it should also be able to: {listed:?}"),
                false => format!("it is said to be able to: {}", besides.join("; ")),
            };
            return Verdict::Wrong(sentence.replace('\n', " "));
        }
        match exception {
            Some(exception) => Verdict::Exception(exception.because.clone()),
            None => Verdict::Explored,
        }
    }
}

/// Whether a message names what a reader of it can't know.
pub(crate) fn names_insides(message: &str) -> bool {
    ["outcomes_", "/rustlib/", "/rustc/"]
        .iter()
        .any(|inside| message.contains(inside))
}
