//! One execution, event by event, for stepping through.

use crate::words::{in_one_line, told_apart};
use crate::{Ending, Place, Standstill, ThreadPath, Wait};
use serde::{Deserialize, Serialize};

/// One execution of a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Every thread that was started, by its number; main is 0.
    pub threads: Vec<Lane>,
    /// Everything that was acted on, in order of appearance.
    pub objects: Vec<ObjectInfo>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How it ended; `None` for a schedule that stops before the end.
    pub ending: Option<Ending>,
    /// Where every thread that had not finished stood at the end, and what it
    /// waited for.
    pub left: Standstill,
}

impl Trace {
    /// What the thread of this number is called.
    pub fn thread_name(&self, thread: u16) -> String {
        let mut lanes = self.threads.iter();
        let lane = lanes.find(|lane| lane.thread == thread);
        match lane {
            Some(Lane {
                name: Some(name), ..
            }) => name.clone(),
            _ if thread == 0 => "main".to_owned(),
            Some(Lane { path, .. }) => format!("thread {path}"),
            None => format!("thread {thread}"),
        }
    }

    /// What was done in an event, and to what: "send 3 (channel of line 7)".
    pub fn deed(&self, event: &Event) -> String {
        let mut deed = event.action.clone();
        if let Some(value) = &event.value {
            deed += &format!(" {}", in_one_line(value));
        }
        if let Some((index, object)) = event
            .object
            .and_then(|index| Some((index, self.objects.get(index)?)))
        {
            let all = self.objects.iter();
            let kinds = told_apart(all.map(|it| (&*it.kind, (&it.name, &it.created))));
            let kind = &kinds[index];
            deed += &match (&object.name, &object.created) {
                (Some(name), _) => format!(" ({kind} `{name}`)"),
                (None, Some(created)) => format!(" ({kind} of line {})", created.line),
                (None, None) => format!(" ({kind})"),
            };
        }
        if event.spurious {
            deed += match event.action.as_str() {
                "lock for reading" | "try to lock for reading" => ", past a waiting writer",
                _ => ", for no reason",
            };
        }
        if let Some(newer) = event.newer {
            let newest = match newer {
                1 => "the newest store".to_owned(),
                more => format!("the newest {more} stores"),
            };
            deed += &match event.action.as_str() {
                "store" => format!(", which comes before {newest}"),
                _ => format!(", missing {newest}"),
            };
        }
        // A sleep that is over has had its time.
        if event.otherwise && event.action != "sleep" {
            deed += ", in vain";
        }
        deed
    }
}

/// A thread of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// Its number.
    pub thread: u16,
    /// The way to it from main.
    pub path: ThreadPath,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Who started it.
    pub parent: Option<u16>,
    /// Where it was started.
    pub spawned: Option<Place>,
    /// The event during which it was started.
    pub started: usize,
    /// The event after which it was gone, if it was.
    pub finished: Option<usize>,
}

/// A mutex, a channel and the like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectInfo {
    /// What it is: "channel", "mutex".
    pub kind: String,
    /// What the program calls it, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it was made, if that is known.
    pub created: Option<Place>,
}

/// Something that a thread did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which choice of the scheduler made it happen, counted from 0; several
    /// events can follow from one choice. What happens before the first
    /// choice has none.
    pub step: Option<usize>,
    /// Who did it.
    pub thread: u16,
    /// What: "send", "lock", "print". What a thread does before its first
    /// operation is "start".
    pub action: String,
    /// To what: an index into [`Trace::objects`].
    pub object: Option<usize>,
    /// The value sent, received or stored, where it can be shown; for a join,
    /// the path of the thread.
    pub value: Option<String>,
    /// Whether it went on without having got what it asked for: a timeout, a
    /// `try_` that failed, a `default`.
    pub otherwise: bool,
    /// Whether it may as well not have happened: a `Condvar` that woke by itself,
    /// a reader who passed a waiting writer.
    pub spurious: bool,
    /// Of an access to an atomic, how many stores are newer than the one that it
    /// read or came right after, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<u16>,
    /// What appeared on stdout (and on stderr, if that counts).
    pub text: String,
    /// What was written to stderr, if that doesn't count.
    pub stderr: String,
    /// Where in the program.
    pub at: Option<Place>,
    /// Nanoseconds since the program started, on the prompt clock.
    pub time: u64,
    /// The event by which the other thread did its part: a send for its
    /// receive at a meeting.
    pub with: Option<usize>,
    /// Where every thread stands afterwards. Given on the last event of each
    /// step.
    pub positions: Vec<Position>,
}

/// Where a thread stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Its number.
    pub thread: u16,
    /// The place of its next operation.
    pub at: Option<Place>,
    /// What it would do, or waits for.
    pub next: Vec<Wait>,
    /// Whether it can't go on by itself.
    pub blocked: bool,
}
