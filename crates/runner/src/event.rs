//! What a running program does, as its watcher sees it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One thing that happened while a program ran.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The program wrote these bytes. Not necessarily whole lines, nor whole
    /// UTF-8 characters.
    Output {
        /// Where it wrote them.
        stream: Stream,
        /// What it wrote.
        bytes: Vec<u8>,
        /// Time since the program started.
        at: Duration,
    },
    /// The program, and every process that it started, is gone. Always the
    /// last event, always sent.
    Ended {
        /// How.
        ending: Ending,
        /// Time from start to end.
        took: Duration,
    },
}

/// One of a program's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// `main` returned, or the program exited with code 0.
    Returned,
    /// The program exited with this code, which is not 0.
    Exited {
        /// The exit code.
        code: i32,
    },
    /// `main` panicked: exit code 101, and a panic message on stderr.
    Panicked,
    /// A signal killed it, and it wasn't ours (an abort, a segmentation fault,
    /// a stack overflow).
    Signalled {
        /// The signal's number.
        signal: i32,
    },
    /// Every thread was blocked for good, so it was stopped. Linux only:
    /// elsewhere such a program runs into its wall clock limit.
    Deadlocked {
        /// How many threads were blocked, the main thread among them.
        threads: usize,
    },
    /// Whoever started it asked for it to be stopped.
    Stopped,
    /// It hit one of its limits, and was stopped.
    OverLimit {
        /// Which, and how much was allowed.
        limit: Limit,
    },
}

/// A bound that a program ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "bound", content = "allowed")]
pub enum Limit {
    /// Wall clock, in seconds.
    WallClock(u64),
    /// Resident memory of all its processes together, in bytes.
    Memory(u64),
    /// Processes alive at once.
    Processes(u64),
    /// Threads alive at once, over all its processes.
    Threads(u64),
    /// Bytes written to stdout and stderr together.
    Output(u64),
}
