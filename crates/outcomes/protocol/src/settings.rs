//! How to explore, and how far to go.

use serde::{Deserialize, Serialize};
use std::time::Duration;

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

impl Clock {
    /// Where what is counted holds, in words for somebody who knows no clocks, to
    /// stand behind what is counted. `None` where it holds everywhere.
    pub fn on(self) -> Option<&'static str> {
        match self {
            Clock::Any => None,
            Clock::Prompt => Some("on a machine that is never late"),
        }
    }
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
    /// From how many states on threads that are alike are taken for one another: the
    /// graph then no longer has every schedule. For tests only.
    #[doc(hidden)]
    pub alike_from: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            clock: Clock::Any,
            stderr: false,
            limits: Limits::default(),
            merge: true,
            reduce: true,
            alike_from: 50_000,
        }
    }
}
