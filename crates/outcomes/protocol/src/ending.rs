//! How an execution ends, and who waits for what if it is stuck.

use crate::Schedule;
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// Every thread waits for another, forever.
    Deadlocked,
    /// Threads go on forever without printing.
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

/// What comes after "then": "main returns".
impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Ending::Returned => "main returns",
            Ending::Exited { code } => {
                return write!(formatter, "the program exits with code {code}");
            }
            Ending::Panicked { message } if message.is_empty() => "main panics",
            Ending::Panicked { message } => return write!(formatter, "main panics: {message}"),
            Ending::Aborted => "the program aborts",
            Ending::Deadlocked => "every thread waits forever: a deadlock",
            Ending::NeverEnds => "it goes on forever",
        })
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

/// A state in which the program is stuck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlock {
    /// Every thread that had not finished.
    pub blocked: Vec<Blocked>,
    /// A schedule that leads there.
    pub schedule: Schedule,
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
