//! Runs a concurrent program under every schedule, and says what it can
//! print.
//!
//! # How it works
//! A program's threads run as coroutines on one OS thread. Each announces its
//! next *operation*, which is anything another thread may notice: a print, a
//! lock, a send, a join. Whenever every thread is at an operation, the engine
//! chooses one that is ready, lets it happen, and lets the thread run to its
//! next. Between two operations a thread only touches what is its own, so
//! nothing is lost by running it at once.
//!
//! The program's stacks and heaps lie in memory that the engine owns
//! (the `memory` module), so a *state* is bytes: it is named by a
//! 128-bit hash of them, and the engine gets back to it by writing them back.
//! A state that was seen before is not explored again. The result is a
//! [`Graph`] of states, with what was printed on its edges. Equal bytes are
//! equal futures, so merging them loses nothing; bytes that differ without
//! need (a dead variable) only cost time.
//!
//! An *output* is what appeared on stdout, together with how the program
//! ended. Many paths print the same, so outputs are counted on the graph made
//! deterministic ([`Graph::outputs`]). Whether a text is among them is
//! answered by walking the graph ([`Graph::find`]), or, where it is too big,
//! by a guided search ([`search`]).
//!
//! # What "possible" means
//! What the documentation of std and crossbeam permits: any waiter may win,
//! a `Condvar` may wake without reason, atomics are sequentially consistent.
//! With [`Clock::Any`] time may pass as it likes; with [`Clock::Prompt`]
//! computing takes no time, sleeping takes exactly what was asked for, and
//! what happens at the same moment happens in any order. A thread that is
//! able to go on is assumed to go on some day.
//!
//! # What it may use
//! This crate knows no file, no process and no page. It replaces the global
//! allocator, and sets a panic hook. One program is explored at a time in a
//! process. A look-alike library is written against [`model`].

#![deny(unsafe_op_in_unsafe_fn)]

mod channel;
mod explore;
mod graph;
mod machine;
mod membership;
mod memory;
pub mod model;
mod outputs;
mod program;
mod show;
mod trace;
mod try_lock;

pub use explore::{Exploration, Progress, Stopped, explore, search, trace};
pub use graph::{Deadlock, Edge, Graph, Schedule, Target};
pub use membership::{Membership, NotPossible};
pub use memory::MAX_THREADS;
pub use outputs::{NotCounted, Output, Outputs};
pub use program::{
    Answer, Check, Checked, EdgeData, Ends, GraphData, Message, Request, Sample, answer,
};
pub use trace::{Event, Lane, ObjectInfo, Position, Trace};

use serde::{Deserialize, Serialize};
use std::any::Any;
use std::fmt;
use std::time::Duration;

/// A program to explore. It must make everything that it changes: only its
/// own stacks, heaps and modelled objects are put back between executions.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// Runs the main thread, and returns the exit code.
    pub main: &'a dyn Fn() -> i32,
    /// Makes what [`model::with_locals`] gives the main thread.
    pub locals: &'a dyn Fn() -> Box<dyn Any>,
}

/// How time passes for the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// In any way that the language permits: a sleep may last any time.
    #[default]
    Any,
    /// As on a prompt machine: computing takes no time, and a sleep exactly
    /// what was asked for.
    Prompt,
}

/// How far to go. Whatever is reached first ends the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Distinct states.
    pub states: u64,
    /// Wall clock.
    pub time: Duration,
    /// Bytes that the engine may allocate, the program's own memory included.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            states: u64::from(u32::MAX / 4),
            time: Duration::from_secs(60),
            memory: 1 << 30,
        }
    }
}

/// How to explore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How time passes.
    pub clock: Clock,
    /// Whether what is written to stderr is part of an output, in the order
    /// in which a terminal would show both. Otherwise only stdout is.
    pub stderr: bool,
    /// How far to go.
    pub limits: Limits,
    /// Whether to merge equal states. For tests only: without, every
    /// schedule is run.
    #[doc(hidden)]
    pub merge: bool,
    /// Whether to leave out choices that can't make a difference. For tests
    /// only.
    #[doc(hidden)]
    pub reduce: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            clock: Clock::Any,
            stderr: false,
            limits: Limits::default(),
            merge: true,
            reduce: true,
        }
    }
}

/// How an execution ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// `main` returned, or the program exited with code 0.
    Returned,
    /// The program exited with this code, which is not 0.
    Exited {
        /// The exit code, from 1 to 255.
        code: i32,
    },
    /// `main` panicked: exit code 101.
    Panicked {
        /// What it said.
        message: String,
    },
    /// The program aborted.
    Aborted,
    /// Every thread waits for another, for ever.
    Deadlocked,
    /// Threads go on for ever without printing.
    NeverEnds,
}

impl Ending {
    /// The kind of ending, without the details: "returns", "exits",
    /// "panics", "aborts", "deadlocks", "never ends".
    pub fn kind(&self) -> &'static str {
        match self {
            Ending::Returned => "returns",
            Ending::Exited { .. } => "exits",
            Ending::Panicked { .. } => "panics",
            Ending::Aborted => "aborts",
            Ending::Deadlocked => "deadlocks",
            Ending::NeverEnds => "never ends",
        }
    }
}

impl Ending {
    /// Whether this is what `expected` asks for: a panic without a message
    /// stands for any panic.
    pub fn is(&self, expected: &Ending) -> bool {
        match (self, expected) {
            (Ending::Panicked { .. }, Ending::Panicked { message }) if message.is_empty() => true,
            _ => self == expected,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Exited { code } => write!(formatter, "exits with code {code}"),
            Ending::Panicked { message } => write!(formatter, "panics: {message}"),
            _ => formatter.write_str(self.kind()),
        }
    }
}

/// A place in the program's source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the compiler was told it.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// A thread that can't go on, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Blocked {
    /// Its number; main is 0.
    pub thread: u16,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was started; `None` for main.
    pub spawned: Option<Place>,
    /// Where it is.
    pub at: Option<Place>,
    /// What it waits for: any of these would do.
    pub waits: Vec<Wait>,
}

/// Something that a thread waits to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wait {
    /// What: "receive", "lock", "join".
    pub action: String,
    /// With what: "channel", "mutex", "thread".
    pub object: Option<String>,
    /// Where that was made.
    pub created: Option<Place>,
}

impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.spawned) {
            (Some(name), Some(at)) => write!(formatter, "thread {name:?} (started at {at})")?,
            (Some(name), None) => write!(formatter, "thread {name:?}")?,
            (None, Some(at)) => write!(formatter, "the thread started at {at}")?,
            (None, None) => write!(formatter, "thread {}", self.thread)?,
        }
        if let Some(at) = &self.at {
            write!(formatter, " waits at {at}")?;
        } else {
            write!(formatter, " waits")?;
        }
        for (index, wait) in self.waits.iter().enumerate() {
            let or = if index == 0 { "to" } else { ", or to" };
            write!(formatter, " {or} {}", wait.action)?;
            if let Some(object) = &wait.object {
                write!(formatter, " ({object}")?;
                if let Some(created) = &wait.created {
                    write!(formatter, " made at {created}")?;
                }
                write!(formatter, ")")?;
            }
        }
        Ok(())
    }
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
