//! Questions about a program, and the answers.

use crate::{
    Deadlock, Ending, Expected, Labels, Leak, Place, PossiblePanic, Schedule, Settings, Step,
    Trace, counted,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZero;

/// What is asked of a program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// How to explore.
    pub settings: Settings,
    /// Whether to leave out exploring, and only search for what is to be
    /// checked: for programs with too many states.
    pub search_only: bool,
    /// How many outputs to list, the first in order.
    pub list: usize,
    /// Outputs that may or may not be possible.
    pub checks: Vec<Check>,
    /// An execution to trace.
    pub trace: Option<Sample>,
    /// To give the graph, with what its edges do, if it has no more edges than
    /// this.
    pub graph: usize,
    /// What is known of where the program runs.
    pub surroundings: Surroundings,
}

/// What a program hears from whoever runs it, and of the machine: with other
/// surroundings it may have other outcomes. What is not known of them a program that
/// asks for it can't be explored without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    /// Its arguments, behind its name.
    pub arguments: Vec<String>,
    /// What environment variables hold, or that they are not set.
    pub variables: BTreeMap<String, Option<String>>,
    /// How many threads can run at the same time.
    pub parallelism: Option<NonZero<usize>>,
}

/// An output that may or may not be possible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What is printed.
    pub text: String,
    /// How it ends, if that matters. A panic without a message stands for any.
    #[serde(default)]
    pub ending: Option<Ending>,
}

/// Which execution to trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// One that prints this. There is no trace if none does.
    Of(Check),
    /// One that prints the output with this number, counted from 0.
    Output(u64),
    /// One that ends in the deadlock with this number, counted from 0.
    Deadlock(usize),
    /// One in which the threads of this leak are stuck, counted from 0.
    Leak(usize),
    /// One that has this panic, counted from 0.
    Panic(usize),
    /// The one by this schedule.
    Schedule(Schedule),
}

/// What comes back: any number of `Progress`, then one `Answer`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// How far exploring has come.
    Progress(Progress),
    /// The end of it.
    Answer(Box<Answer>),
    /// The program can't be explored.
    Refused(Refused),
    /// The tests that it has, where no request was made about one.
    Tests(Vec<Test>),
}

/// A test of a program, as `#[test]` declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// The path to its function, without the crate.
    pub name: String,
    /// Whether it is run only if that is asked for.
    pub ignored: bool,
    /// Why it is.
    pub why_ignored: Option<String>,
    /// What it is to say as it panics, if it is to panic: a part of the message.
    pub should_panic: Option<String>,
}

/// How far exploring has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Distinct states so far.
    pub states: u64,
    /// Executions so far.
    pub executions: u64,
    /// Seconds so far.
    pub seconds: f64,
    /// Bytes allocated.
    pub memory: usize,
}

/// Why a program can't be explored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// What it does that can't be modelled.
    pub reason: String,
    /// Where.
    pub at: Option<Place>,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "This program can't be explored: {}", self.reason)?;
        if let Some(at) = &self.at {
            write!(formatter, " ({at})")?;
        }
        write!(formatter, ".")
    }
}

impl std::error::Error for Refused {}

/// What is known of a program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The exact number of distinct outputs, however they end; `None` if it
    /// is not known or there is no end of them.
    pub outputs: Option<u128>,
    /// Why that is not known.
    pub not_counted: Option<NotCounted>,
    /// Whether every schedule was explored.
    pub complete: bool,
    /// What was found of its outputs, if a limit was reached before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_far: Option<SoFar>,
    /// How many outputs end in which way.
    pub endings: Vec<Ends>,
    /// Distinct states: those that nobody can tell apart by what follows, the same text
    /// by the same threads, are one, so it doesn't matter how the program was compiled.
    /// Where not all are known, or the limits don't suffice to compare them, as many as
    /// were looked at, of which some may be alike.
    pub states: usize,
    /// How many executions go through all of these states, each up to an end or a known
    /// state; else how many it took.
    pub executions: u64,
    /// Whether threads that are alike were taken for one another: schedules that differ
    /// in nothing but which of them comes first are one here. What a compiler leaves on
    /// stacks may tell some of them apart, so the numbers of states and executions then
    /// depend on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alike_threads: bool,
    /// Wall clock for exploring and counting.
    pub seconds: f64,
    /// The first outputs, as many as were asked for.
    pub listed: Vec<Output>,
    /// By what was asked.
    pub checked: Vec<Checked>,
    /// The ways in which it can get stuck, by who waits for what.
    pub deadlocks: Vec<Deadlock>,
    /// Threads that can be stuck for good while others go on, or when the
    /// program ends, by who waits where.
    #[serde(default)]
    pub leaks: Vec<Leak>,
    /// The panics that some schedule allows, in any thread, by what they say
    /// and where.
    #[serde(default)]
    pub panics: Vec<PossiblePanic>,
    /// What the program says of its outcomes, and whether it is so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Expected>,
    /// The execution that was asked for.
    pub trace: Option<Trace>,
    /// Why it can't be told, if it can't: a schedule that doesn't fit.
    #[serde(default)]
    pub no_trace: Option<String>,
    /// The graph, if it was asked for and is small enough.
    pub graph: Option<GraphData>,
    /// Who was still computing when time was up, if that is why exploring has
    /// come to no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computing: Option<Computing>,
}

/// The outputs that were found until a limit was reached. Each is possible; there may be
/// others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoFar {
    /// How many distinct ones.
    pub outputs: u128,
    /// How many of them end in which way.
    pub endings: Vec<Ends>,
    /// The first of them, as many as were asked for.
    pub listed: Vec<Output>,
}

impl Answer {
    /// Where time was up, says that somebody said so.
    pub fn was_asked_to_stop(&mut self) {
        let counted = self.not_counted.iter_mut().filter_map(|not| match not {
            NotCounted::Incomplete(limit) | NotCounted::TooBig(limit) => Some(limit),
            NotCounted::Unbounded => None,
        });
        let checked = self.checked.iter_mut().filter_map(|checked| match checked {
            Checked::Unknown(limit) => Some(limit),
            Checked::Known(_) => None,
        });
        let limits = counted.chain(checked);
        for limit in limits.filter(|limit| **limit == Stopped::Time) {
            *limit = Stopped::Asked;
        }
    }

    /// The ways in which it is known to end, whether there are others or not.
    pub fn known_endings(&self) -> &[Ends] {
        self.so_far.as_ref().map_or(&self.endings, |it| &it.endings)
    }

    /// Outputs that are known to be possible, whether there are others or not.
    pub fn known_outputs(&self) -> &[Output] {
        self.so_far.as_ref().map_or(&self.listed, |it| &it.listed)
    }

    /// What the program says of its outcomes, each with what is known of it, in words that
    /// can end a sentence.
    pub fn expectations(&self) -> impl Iterator<Item = (&Expected, String)> {
        let outputs = match (self.outputs, &self.not_counted) {
            (Some(count), _) => Some(counted(count, "output")),
            (None, Some(NotCounted::Unbounded)) => Some("infinitely many outputs".to_owned()),
            (None, _) => None,
        };
        let expected = self.expected.iter();
        expected.map(move |it| (it, it.told(outputs.as_deref())))
    }
}

/// A thread that computes without end, or for very long, between two
/// operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computing {
    /// Its number; main is 0.
    pub thread: u16,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was started; `None` for main.
    pub spawned: Option<Place>,
    /// Its last operation; `None` at its start.
    pub at: Option<Place>,
}

impl fmt::Display for Computing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.spawned) {
            _ if self.thread == 0 => write!(formatter, "main")?,
            (Some(name), _) => write!(formatter, "{name}")?,
            (None, Some(at)) => write!(formatter, "the thread started at {at}")?,
            (None, None) => write!(formatter, "thread {}", self.thread)?,
        }
        write!(formatter, " was still computing, ")?;
        match &self.at {
            Some(at) => write!(formatter, "without another step since {at}"),
            None => write!(formatter, "without a first step"),
        }
    }
}

/// How many outputs end in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ends {
    /// How.
    pub ending: Ending,
    /// How many.
    pub outputs: u128,
}

/// Something that a program can print, and how it then ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Output {
    /// What appears on stdout (and stderr, if that was asked for).
    pub text: String,
    /// How it ends.
    pub ending: Ending,
}

/// Why outputs can't be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotCounted {
    /// The program was not explored to the end.
    Incomplete(Stopped),
    /// It can print without end, so there is no end of outputs.
    Unbounded,
    /// Counting reached this limit.
    TooBig(Stopped),
}

impl fmt::Display for NotCounted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = match self {
            NotCounted::Unbounded => {
                return formatter.write_str("it can print without end");
            }
            NotCounted::Incomplete(limit) | NotCounted::TooBig(limit) => limit,
        };
        formatter.write_str(match limit {
            Stopped::States => "it has more states than were allowed",
            Stopped::Time => "it took longer than was allowed",
            Stopped::Memory => "it needed more memory than was allowed",
            Stopped::Asked => "it was stopped",
        })
    }
}

/// Which limit ended the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// Distinct states.
    States,
    /// Wall clock.
    Time,
    /// Memory.
    Memory,
    /// None: whoever asked has had enough.
    Asked,
}

/// Whether an output is possible; `unknown` if a limit was reached before
/// that was known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checked {
    /// The answer.
    Known(Membership),
    /// The limit.
    Unknown(Stopped),
}

/// Whether an output is possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Membership {
    /// It is: this schedule prints it.
    Possible(Schedule),
    /// It isn't.
    NotPossible(NotPossible),
}

impl Membership {
    /// Whether it is.
    pub fn is_possible(&self) -> bool {
        matches!(self, Membership::Possible(_))
    }
}

/// Where an output stops being possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPossible {
    /// How much of the text can be printed, at most.
    pub prefix: String,
    /// What could have come then: a text, or an ending in brackets.
    pub instead: Vec<String>,
}

/// A graph as plain data. As JSON it is packed: see `packed.rs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "crate::packed::Packed", into = "crate::packed::Packed")]
pub struct GraphData {
    /// How many states there are; 0 is the start.
    pub states: usize,
    /// What edges print; 0 is nothing.
    pub texts: Vec<String>,
    /// How executions end.
    pub endings: Vec<Ending>,
    /// The edges, by the state where they begin, in the order of choices.
    pub edges: Vec<EdgeData>,
    /// What each does.
    pub labels: Labels,
}

/// An edge as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeData {
    /// The state where it begins.
    pub from: usize,
    /// The state where it leads, or `None` if it leads to an ending.
    pub to: Option<usize>,
    /// The ending where it leads.
    pub ending: Option<usize>,
    /// What it prints.
    pub text: usize,
    /// Its number among the choices in its state.
    pub choice: Option<u16>,
    /// The choice as a schedule names it.
    pub step: Option<Step>,
    /// Who acts.
    pub thread: Option<u16>,
    /// Whom it meets.
    pub with: Option<u16>,
    /// Whether it happens for no reason, so that it may as well never happen.
    pub spurious: bool,
}
