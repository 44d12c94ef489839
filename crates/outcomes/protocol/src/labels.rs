//! What every edge of a small graph does, so that any path through the graph
//! can be told as a trace without running the program.
//!
//! A path's events are [`Labels::begin`], then those of each edge; where the
//! threads stand in between is [`Labels::states`]. Most events occur on many
//! edges, so each is kept once and named by its number.

use crate::{ObjectInfo, Place, Position, ThreadPath};
use serde::{Deserialize, Serialize};

/// What every edge of a graph does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Every thread that can be started. Numbers are those of the graph's
    /// edges.
    pub threads: Vec<ThreadInfo>,
    /// Everything that is acted on.
    pub objects: Vec<ObjectInfo>,
    /// Every different event.
    pub events: Vec<Label>,
    /// Every different position of a thread.
    pub positions: Vec<Position>,
    /// What happens before the first choice: indices into `events`.
    pub begin: Vec<usize>,
    /// By edge, in the order of the graph's edges, what happens: indices into
    /// `events`. The end of a program that is stuck has none.
    pub edges: Vec<Vec<usize>>,
    /// By state, where its threads stand: indices into `positions`.
    pub states: Vec<Vec<usize>>,
}

/// A thread that can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadInfo {
    /// Its number; main is 0.
    pub thread: u16,
    /// The way to it from main.
    pub path: ThreadPath,
    /// Its name, if it is given one.
    pub name: Option<String>,
    /// Who starts it.
    pub parent: Option<u16>,
    /// Where it is started.
    pub spawned: Option<Place>,
}

/// Something that a thread does. As [`Event`](crate::Event), but without what
/// depends on the way there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Who does it.
    pub thread: u16,
    /// What: "send", "lock", "print".
    pub action: String,
    /// To what: an index into [`Labels::objects`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<usize>,
    /// The value sent, received or stored, where it can be shown; for a join,
    /// the path of the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether it goes on without having got what it asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub otherwise: bool,
    /// Whether it happens for no reason.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spurious: bool,
    /// Of an access to an atomic, how many stores are newer than the one that it
    /// reads or comes right after, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<u16>,
    /// What appears on stdout (and on stderr, if that counts).
    #[serde(default, skip_serializing_if = "is_default")]
    pub text: String,
    /// What is written to stderr, if that doesn't count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stderr: String,
    /// Where in the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// Nanoseconds since the program started, on the prompt clock.
    #[serde(default, skip_serializing_if = "is_default")]
    pub time: u64,
    /// How many events before this one, on the same edge, the other thread
    /// did its part: a send for its receive at a meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<usize>,
    /// The threads that it starts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub starts: Vec<u16>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
