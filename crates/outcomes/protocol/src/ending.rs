//! How an execution ends.

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
