//! What a kernel and its session's process say to each other: one JSON value
//! a line.

use crate::content::KernelError;
use runner::Stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the kernel wants.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Run a cell. Answered by [`Report::Finished`].
    Execute {
        /// A new number, by which [`Report::Effect`] calls the cell.
        cell: u64,
        code: String,
        /// Its number in the notebook.
        label: Option<u32>,
        /// Whether somebody answers [`Effect::Asks`].
        stdin: bool,
    },
    /// What a cell reads next; `None` ends its standard input.
    Input(Option<String>),
    /// Stop the cell that runs.
    Interrupt,
    /// What could stand at the byte `cursor`. Answered by [`Report::Completed`].
    Complete {
        code: String,
        cursor: usize,
        /// Given back with the answer, which may be too late to be wanted.
        id: u64,
    },
    /// What ends at the byte `cursor`. Answered by [`Report::Inspected`].
    Inspect {
        code: String,
        cursor: usize,
        id: u64,
    },
}

/// What the session answers, and what its cells do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Cells can run.
    Ready,
    /// They never can: a sentence says why.
    Failed(String),
    /// The cell of this number, or a thread that outlives it, did this.
    Effect(u64, Effect),
    /// Nothing more comes of the cell of this number.
    Silent(u64),
    /// The cell has ended.
    Finished(Outcome),
    Completed(u64, Completions),
    Inspected(u64, Option<Inspection>),
}

/// What a cell does that can be seen.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Effect {
    /// It printed this.
    Print { stream: Stream, text: String },
    /// It shows this.
    Show(Shown),
    /// It clears its output: at once, or when there is more.
    Clear { wait: bool },
    /// It waits for its standard input.
    Asks { prompt: String, password: bool },
}

/// One thing in several MIME types.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) data: Map<String, Value>,
    /// What it is called.
    pub(crate) id: Option<String>,
    /// Whether it takes the place of what was called so before.
    pub(crate) update: bool,
}

/// How a cell ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) error: Option<KernelError>,
    /// What its last expression is.
    pub(crate) result: Option<Map<String, Value>>,
    /// Whether it compiled and began, so that the session has what it defines.
    pub(crate) defined: bool,
    /// The session's variables and their types, once a cell has run.
    pub(crate) variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Completions {
    /// What could stand there, and what kind of thing it is.
    pub(crate) matches: Vec<(String, String)>,
    /// The bytes of the code that a match replaces.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A signature and its documentation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inspection {
    pub(crate) plain: String,
    pub(crate) html: String,
}
