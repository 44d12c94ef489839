//! Threads that can't go on: who waits for what, who has it, and in which
//! circle.

use crate::words::told_apart;
use crate::{Panic, Place, Schedule, ThreadPath, in_one_line};
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

impl Who {
    /// What it is called where it was introduced before: "main", "thread 2",
    /// "thread \"reader\"".
    pub fn short(&self) -> String {
        match &self.name {
            _ if self.path == ThreadPath::MAIN => "main".to_owned(),
            Some(name) => format!("thread {name:?}"),
            None => format!("thread {}", self.path),
        }
    }
}

/// "main waits at a.rs:9 to lock (mutex `left`)", "main is parked at a.rs:9".
impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_parked = |wait: &Wait| wait.action == "park";
        if !self.waits.is_empty() && self.waits.iter().all(is_parked) {
            write!(formatter, "{} is parked", self.who)?;
            return match &self.at {
                Some(at) => write!(formatter, " at {at}"),
                None => Ok(()),
            };
        }
        write!(formatter, "{} waits", self.who)?;
        if let Some(at) = &self.at {
            write!(formatter, " at {at}")?;
        }
        // What may come of it in two ways, as of a notification, is one wait.
        let mut told: Vec<&Wait> = Vec::new();
        for wait in &self.waits {
            if told.contains(&wait) {
                continue;
            }
            let or = if told.is_empty() { "" } else { ", or" };
            match (&*wait.action, &wait.object) {
                // Who holds the lock on one of these keeps others from printing.
                (_, Some(stream)) if stream == "stdout" || stream == "stderr" => {
                    write!(formatter, "{or} for the lock on {stream}")?;
                }
                ("wait for it to be set", _) => {
                    write!(formatter, "{or} for a value to be set")?;
                    wait.write_object(formatter)?;
                }
                ("wait for it to be complete", _) => {
                    write!(formatter, "{or} for its call to be complete")?;
                    wait.write_object(formatter)?;
                }
                (action, _) => {
                    // "waits to wait at the barrier" says it twice.
                    match action.strip_prefix("wait ") {
                        Some(rest) => write!(formatter, "{or} {rest}")?,
                        None => write!(formatter, "{or} to {action}")?,
                    }
                    wait.write_object(formatter)?;
                }
            }
            told.push(wait);
        }
        Ok(())
    }
}

impl Wait {
    fn write_object(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(object) = &self.object else {
            return Ok(());
        };
        match (&self.name, &self.created) {
            (Some(name), _) if object == "thread" => write!(formatter, " {name}"),
            // Who waits there, and the place, have been told.
            _ if object == "scope" || object == "park token" => Ok(()),
            (Some(name), Some(at)) if self.on.is_none() => {
                write!(formatter, " ({object} `{name}`, made at {at})")
            }
            (Some(name), _) => write!(formatter, " ({object} `{name}`)"),
            (None, Some(at)) => write!(formatter, " ({object} made at {at})"),
            (None, None) => write!(formatter, " ({object})"),
        }
    }
}

/// "mutex `left`, made at a.rs:3, is held by main since a.rs:7".
impl fmt::Display for Contended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.kind)?;
        match (&self.name, &self.created) {
            (Some(name), Some(at)) => write!(formatter, " `{name}`, made at {at},")?,
            (Some(name), None) => write!(formatter, " `{name}`")?,
            (None, Some(at)) => write!(formatter, " made at {at}")?,
            (None, None) => {}
        }
        for (index, holder) in self.held.iter().enumerate() {
            let is = if index == 0 {
                " is held by"
            } else {
                ", and by"
            };
            write!(formatter, "{is} {}", holder.who.short())?;
            if let Some(mode) = &holder.mode {
                write!(formatter, " for {mode}")?;
            }
            if let Some(since) = &holder.since {
                write!(formatter, " since {since}")?;
            }
            if holder.finished {
                formatter.write_str(", which has ended without giving it back")?;
            }
        }
        for (index, end) in self.ends.iter().enumerate() {
            let has = if index == 0 { " still has" } else { ", and" };
            let s = if end.count == 1 { "" } else { "s" };
            write!(formatter, "{has} {} {}{s}", end.count, end.kind)?;
            if let Some(made) = &end.made
                && end.made != self.created
            {
                write!(formatter, " made at {made}")?;
            }
            if let Some(owner) = &end.owner {
                write!(formatter, ", last known to be with {}", owner.short())?;
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
        let numbered = self.numbered();
        let waits = numbered.blocked.iter().map(ToString::to_string);
        let objects = numbered.objects.iter().map(ToString::to_string);
        let gone = self.gone.iter().map(|panic| {
            let at = panic.at.as_ref();
            let at = at.map_or_else(String::new, |at| format!(" at {at}"));
            let message = in_one_line(&panic.message);
            format!("{} has panicked{at}: {message}", panic.who)
        });
        let circle = self.circle();
        waits.chain(objects).chain(gone).chain(circle).collect()
    }

    /// The same with a number before each of several objects that are alike.
    fn numbered(&self) -> Standstill {
        let all = self.objects.iter();
        let kinds = told_apart(all.map(|it| (&*it.kind, (&it.name, &it.created))));
        let mut numbered = self.clone();
        for wait in numbered.blocked.iter_mut().flat_map(|it| &mut it.waits) {
            let kind = wait.on.and_then(|on| kinds.get(on));
            if let (Some(object), Some(kind)) = (&mut wait.object, kind) {
                object.clone_from(kind);
            }
        }
        for (object, kind) in numbered.objects.iter_mut().zip(kinds) {
            object.kind = kind;
        }
        numbered
    }

    /// "in a circle, main waits for thread 1, and thread 1 for main".
    fn circle(&self) -> Option<String> {
        let name = |thread: u16| {
            let mut blocked = self.blocked.iter();
            let blocked = blocked.find(|blocked| blocked.who.thread == thread);
            blocked.map_or_else(|| format!("thread {thread}"), |it| it.who.short())
        };
        let names: Vec<String> = self.cycle.iter().map(|link| name(link.thread)).collect();
        let (first, rest) = names.split_first()?;
        if rest.is_empty() {
            return Some(format!("{first} waits for itself"));
        }
        let next = rest.iter().chain([first]);
        let pairs: Vec<(&String, &String)> = names.iter().zip(next).collect();
        let mut sentence = "in a circle,".to_owned();
        for (index, (one, other)) in pairs.iter().enumerate() {
            sentence += &match index {
                0 => format!(" {one} waits for {other}"),
                _ if index + 1 == pairs.len() => format!(", and {one} for {other}"),
                _ => format!(", {one} for {other}"),
            };
        }
        Some(sentence)
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
