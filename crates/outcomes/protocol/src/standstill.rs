//! Threads that can't go on: who waits for what, who has it, and in which
//! circle.

use crate::{Panic, Place, Schedule, ThreadPath};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// A state in which every thread waits for another, forever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlock {
    /// Every thread that had not finished.
    #[serde(flatten)]
    pub standstill: Standstill,
    /// A schedule that leads there.
    pub schedule: Schedule,
}

/// A state from which some threads never act again, whatever happens, though
/// others go on or the program ends.
///
/// A thread is stuck for good in a state if it waits there without a limit in
/// time, and neither acts nor is let go on in any state that can follow, unless
/// by a spurious wake-up. One that could still have gone on when the program
/// ended is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The threads that are stuck.
    #[serde(flatten)]
    pub standstill: Standstill,
    /// A schedule that leads there.
    pub schedule: Schedule,
}

/// Threads that can't go on, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standstill {
    /// Who waits.
    pub blocked: Vec<Blocked>,
    /// What they wait for, as far as more is known of it.
    #[serde(default)]
    pub objects: Vec<Contended>,
    /// Threads that are gone by a panic.
    #[serde(default)]
    pub gone: Vec<Panic>,
    /// The circle of who waits for whom: each for the next, and the last for
    /// the first. Empty if there is none.
    #[serde(default)]
    pub cycle: Vec<Link>,
}

/// A thread of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Who {
    /// Its number; main is 0.
    pub thread: u16,
    /// The way to it from main.
    pub path: ThreadPath,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Where it was started; `None` for main.
    pub spawned: Option<Place>,
}

/// A thread that can't go on, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Blocked {
    /// Which.
    #[serde(flatten)]
    pub who: Who,
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
    /// What the program calls that, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where that was made.
    pub created: Option<Place>,
    /// Which it is of [`Standstill::objects`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<usize>,
}

/// Something that threads wait for, and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contended {
    /// What it is: "mutex", "channel".
    pub kind: String,
    /// What the program calls it, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it was made.
    pub created: Option<Place>,
    /// Who holds it, if it is a lock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Holder>,
    /// Which of its ends are left, if it is a channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<End>,
}

/// A thread that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Which.
    #[serde(flatten)]
    pub who: Who,
    /// What for, where that matters: "reading", "writing".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Where it took the lock.
    pub since: Option<Place>,
    /// Whether it has finished, and never gave the lock back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finished: bool,
}

/// Ends of a channel that are left, of one kind, made at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// "sender" or "receiver".
    pub kind: String,
    /// How many.
    pub count: usize,
    /// Where they were made: where the channel was, or where they were cloned.
    pub made: Option<Place>,
    /// Who has them, if that is known for sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Who>,
}

/// A thread in a circle, which waits for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its number.
    pub thread: u16,
    /// What it waits for: an index into [`Standstill::objects`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<usize>,
}

/// "main", "thread \"reader\"", "the thread started at a.rs:3".
impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.spawned) {
            _ if self.path == ThreadPath::MAIN => formatter.write_str("main"),
            (Some(name), _) => write!(formatter, "thread {name:?}"),
            (None, Some(at)) => write!(formatter, "thread {} (started at {at})", self.path),
            (None, None) => write!(formatter, "thread {}", self.path),
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} waits", self.who)?;
        if let Some(at) = &self.at {
            write!(formatter, " at {at}")?;
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

impl Standstill {
    /// Leaves out all but these threads.
    pub fn keep(&mut self, threads: &[u16]) {
        self.blocked
            .retain(|blocked| threads.contains(&blocked.who.thread));
        if !self.cycle.iter().all(|link| threads.contains(&link.thread)) {
            self.cycle.clear();
        }
    }

    /// It in sentences: who waits, who has what they wait for, who is gone,
    /// and in which circle.
    pub fn sentences(&self) -> Vec<String> {
        self.blocked.iter().map(ToString::to_string).collect()
    }
}

/// A sentence a line.
impl fmt::Display for Standstill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = String::new();
        for sentence in self.sentences() {
            writeln!(lines, "{sentence}")?;
        }
        formatter.write_str(lines.trim_end())
    }
}
