//! Questions about a program, and the answers, as they travel between the
//! process that asks and the process that *is* the modelled program.

use crate::explore::{Progress, Stopped, explore, search, trace};
use crate::graph::{Deadlock, Graph, Schedule, Target};
use crate::membership::Membership;
use crate::outputs::{NotCounted, Output, Outputs};
use crate::trace::Trace;
use crate::{Ending, Exploration, Program, Refused, Settings};
use serde::{Deserialize, Serialize};

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
    /// To give the graph, if it has no more states than this.
    pub graph: usize,
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
}

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
    /// How many outputs end in which way.
    pub endings: Vec<Ends>,
    /// Distinct states.
    pub states: usize,
    /// How many executions it took, each up to an end or a known state.
    pub executions: u64,
    /// Wall clock for exploring and counting.
    pub seconds: f64,
    /// The first outputs, as many as were asked for.
    pub listed: Vec<Output>,
    /// By what was asked.
    pub checked: Vec<Checked>,
    /// The ways in which it can get stuck, by who waits for what.
    pub deadlocks: Vec<Deadlock>,
    /// The execution that was asked for.
    pub trace: Option<Trace>,
    /// The graph, if it was asked for and is small enough.
    pub graph: Option<GraphData>,
}

/// How many outputs end in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ends {
    /// How.
    pub ending: Ending,
    /// How many.
    pub outputs: u128,
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

/// A graph as plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphData {
    /// How many states there are; 0 is the start.
    pub states: usize,
    /// What edges print; 0 is nothing.
    pub texts: Vec<String>,
    /// How executions end.
    pub endings: Vec<Ending>,
    /// The edges, by the state where they begin, in the order of choices.
    pub edges: Vec<EdgeData>,
}

/// An edge as plain data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Who acts.
    pub thread: Option<u16>,
    /// Whom it meets.
    pub with: Option<u16>,
}

impl Graph {
    /// The graph as plain data.
    pub fn to_data(&self) -> GraphData {
        let mut edges = Vec::new();
        for from in 0..self.states() {
            let first = edges.len();
            edges.extend(self.edges_of(from).map(|edge| {
                let (to, ending) = match edge.to {
                    Target::State(to) => (Some(to), None),
                    Target::End(ending) => (None, Some(ending)),
                };
                EdgeData {
                    from,
                    to,
                    ending,
                    text: edge.text,
                    choice: edge.choice,
                    thread: edge.thread,
                    with: edge.with,
                }
            }));
            edges[first..].reverse();
        }
        GraphData {
            states: self.states(),
            texts: self.texts().iter().map(ToString::to_string).collect(),
            endings: self.endings().to_vec(),
            edges,
        }
    }
}

/// Answers a request. `tell` gets every message, the last one being
/// [`Message::Answer`] or [`Message::Refused`].
pub fn answer(program: &Program<'_>, request: &Request, tell: &mut dyn FnMut(Message)) {
    let last = match try_answer(program, request, tell) {
        Ok(answer) => Message::Answer(Box::new(answer)),
        Err(refused) => Message::Refused(refused),
    };
    tell(last);
}

fn try_answer(
    program: &Program<'_>,
    request: &Request,
    tell: &mut dyn FnMut(Message),
) -> Result<Answer, Refused> {
    let mut answer = Answer::default();
    let explored = if request.search_only {
        None
    } else {
        let mut progress = |progress: &Progress| tell(Message::Progress(*progress));
        Some(explore(program, &request.settings, &mut progress)?)
    };
    let outputs = explored.as_ref().and_then(|explored| {
        let outputs = explored.outputs();
        describe(&mut answer, explored, &outputs, request);
        outputs.ok()
    });
    for check in &request.checks {
        let checked = self::check(program, &request.settings, explored.as_ref(), check)?;
        answer.checked.push(checked);
    }
    let Some(sample) = &request.trace else {
        return Ok(answer);
    };
    let schedule = match sample {
        Sample::Schedule(schedule) => Some(schedule.clone()),
        Sample::Deadlock(number) => {
            let deadlock = answer.deadlocks.get(*number);
            deadlock.map(|deadlock| deadlock.schedule.clone())
        }
        Sample::Output(number) => {
            let output = outputs.and_then(|outputs| outputs.nth(u128::from(*number)));
            let check = output.map(|output| Check {
                text: output.text,
                ending: Some(output.ending),
            });
            way_to(
                program,
                &request.settings,
                explored.as_ref(),
                check.as_ref(),
            )?
        }
        Sample::Of(check) => way_to(program, &request.settings, explored.as_ref(), Some(check))?,
    };
    if let Some(schedule) = schedule {
        answer.trace = Some(trace(program, &request.settings, &schedule, 0)?);
    }
    Ok(answer)
}

fn describe(
    answer: &mut Answer,
    explored: &Exploration,
    outputs: &Result<Outputs, NotCounted>,
    request: &Request,
) {
    answer.complete = explored.stopped.is_none();
    answer.states = explored.graph.states();
    answer.executions = explored.executions;
    answer.deadlocks = explored.graph.deadlocks();
    answer.seconds = explored.seconds();
    if request.graph >= explored.graph.states() {
        answer.graph = Some(explored.graph.to_data());
    }
    match outputs {
        Err(reason) => answer.not_counted = Some(reason.clone()),
        Ok(outputs) => {
            answer.outputs = Some(outputs.count());
            answer.listed = outputs.iter().take(request.list).collect();
            let endings = outputs.endings().into_iter();
            answer.endings = endings
                .map(|(ending, outputs)| Ends { ending, outputs })
                .collect();
        }
    }
}

fn check(
    program: &Program<'_>,
    settings: &Settings,
    explored: Option<&Exploration>,
    check: &Check,
) -> Result<Checked, Refused> {
    if let Some(explored) = explored {
        let found = explored.graph.find(&check.text, check.ending.as_ref());
        if explored.stopped.is_none() || found.is_possible() {
            return Ok(Checked::Known(found));
        }
    }
    match search(program, settings, &check.text, check.ending.as_ref()) {
        Ok(found) => Ok(Checked::Known(found)),
        Err(Ok(stopped)) => Ok(Checked::Unknown(stopped)),
        Err(Err(refused)) => Err(refused),
    }
}

fn way_to(
    program: &Program<'_>,
    settings: &Settings,
    explored: Option<&Exploration>,
    check: Option<&Check>,
) -> Result<Option<Schedule>, Refused> {
    let Some(check) = check else {
        return Ok(None);
    };
    Ok(match self::check(program, settings, explored, check)? {
        Checked::Known(Membership::Possible(schedule)) => Some(schedule),
        _ => None,
    })
}
