//! Panics, whether the output shows them or not.

use crate::{Place, Schedule, Who, in_one_line};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A panic of some thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panic {
    /// Who panics.
    #[serde(flatten)]
    pub who: Who,
    /// What it says.
    pub message: String,
    /// Where.
    pub at: Option<Place>,
}

/// A panic that a schedule allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PossiblePanic {
    /// The panic.
    #[serde(flatten)]
    pub panic: Panic,
    /// A schedule that leads to it.
    pub schedule: Schedule,
}

/// "main panics at a.rs:3: the message".
impl fmt::Display for Panic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} panics", self.who)?;
        if let Some(at) = &self.at {
            write!(formatter, " at {at}")?;
        }
        write!(formatter, ": {}", in_one_line(&self.message))
    }
}
