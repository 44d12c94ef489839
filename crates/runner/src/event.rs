//! What a running program does, as its watcher sees it.

use serde::{Deserialize, Serialize};
use std::fmt;
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
    /// Bytes in one file that it wrote to.
    File(u64),
    /// Bytes in all its files together, where the kernel doesn't refuse more.
    Disk(u64),
}

/// What a reader is told: a sentence.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Returned => f.write_str("The program ended."),
            Ending::Exited { code } => write!(f, "The program exited with code {code}."),
            Ending::Panicked => {
                f.write_str("The main thread panicked: the program exited with code 101.")
            }
            Ending::Signalled { signal } => match signal_name(*signal) {
                Some(name) => write!(f, "The program was killed by signal {signal} ({name})."),
                None => write!(f, "The program was killed by signal {signal}."),
            },
            Ending::Deadlocked { threads: 1 } => {
                f.write_str("Deadlock: its only thread waits forever.")
            }
            Ending::Deadlocked { threads: 2 } => {
                f.write_str("Deadlock: both threads wait for each other.")
            }
            Ending::Deadlocked { threads } => {
                write!(f, "Deadlock: all {threads} threads wait for each other.")
            }
            Ending::Stopped => f.write_str("The program was stopped."),
            Ending::OverLimit { limit } => write!(f, "The program was stopped: {limit}."),
        }
    }
}

/// Which limit, and how much was allowed, as the end of a sentence.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Limit::WallClock(1) => f.write_str("it ran for longer than 1 second"),
            Limit::WallClock(seconds) => write!(f, "it ran for longer than {seconds} seconds"),
            Limit::Memory(bytes) => write!(f, "it used more than {} of memory", Bytes(bytes)),
            Limit::Processes(1) => f.write_str("it started another process"),
            Limit::Processes(count) => write!(f, "it had more than {count} processes at once"),
            Limit::Threads(1) => f.write_str("it started another thread"),
            Limit::Threads(count) => write!(f, "it had more than {count} threads at once"),
            Limit::Output(bytes) => write!(f, "it printed more than {}", Bytes(bytes)),
            Limit::Disk(bytes) => write!(f, "it wrote more than {} to its files", Bytes(bytes)),
            Limit::File(bytes) => write!(f, "it wrote more than {} to a file", Bytes(bytes)),
        }
    }
}

/// An amount of memory in the largest unit that keeps it whole.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        for (size, unit) in units {
            if self.0 >= size && self.0.is_multiple_of(size) {
                return write!(f, "{} {unit}", self.0 / size);
            }
        }
        write!(f, "{} bytes", self.0)
    }
}

/// The names of the signals that a program can bring upon itself.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        4 => "SIGILL: an illegal instruction",
        6 => "SIGABRT: it aborted",
        8 => "SIGFPE: an arithmetic error",
        9 => "SIGKILL: it was killed",
        11 => "SIGSEGV: it touched memory that isn't its own",
        13 => "SIGPIPE: it wrote where nobody reads",
        15 => "SIGTERM: it was asked to end",
        _ => return None,
    })
}
