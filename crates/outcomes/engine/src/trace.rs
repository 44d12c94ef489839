//! One execution, event by event, for stepping through.

use crate::machine::Alternative;
use crate::model::{Case, Operation};
use crate::places::place;
use crate::{Ending, Event, Lane, ObjectInfo, Place, Position, Standstill, ThreadPath, Trace};
use std::collections::HashMap;
use std::panic::Location;

/// Writes a trace while a schedule is run.
#[derive(Default)]
pub(crate) struct Recorder {
    trace: Option<Trace>,
    /// By address, and where it was made: an address may be used again.
    objects: HashMap<(usize, Option<Place>), usize>,
    step: Option<usize>,
    /// Bytes of the step's text that belong to earlier events.
    seen: usize,
    pair: Option<usize>,
    /// Whether the step happens for no reason, until that is told.
    spurious: bool,
    /// How many stores the step misses, until that is told.
    newer: Option<u16>,
}

impl Recorder {
    /// For a program that is about to start.
    pub(crate) fn new() -> Recorder {
        let main = Lane {
            thread: 0,
            path: ThreadPath::MAIN,
            name: Some("main".to_owned()),
            parent: None,
            spawned: None,
            started: 0,
            finished: None,
        };
        Recorder {
            trace: Some(Trace {
                threads: vec![main],
                objects: Vec::new(),
                events: Vec::new(),
                ending: None,
                left: Standstill::default(),
            }),
            ..Recorder::default()
        }
    }

    fn trace(&mut self) -> &mut Trace {
        self.trace.as_mut().expect("recording")
    }

    /// What was written.
    pub(crate) fn finish(mut self) -> Trace {
        self.trace.take().expect("recording")
    }

    /// The events and the new threads since the last call, numbered from
    /// there. Objects keep their numbers.
    pub(crate) fn take_new(&mut self) -> (Vec<Event>, Vec<Lane>) {
        let trace = self.trace();
        (
            std::mem::take(&mut trace.events),
            std::mem::take(&mut trace.threads),
        )
    }

    /// This choice of the scheduler follows.
    pub(crate) fn next_step(&mut self, choice: Alternative) {
        self.step = Some(self.step.map_or(0, |step| step + 1));
        self.seen = 0;
        let pair = matches!(choice, Alternative::Pair { .. });
        self.pair = pair.then_some(usize::MAX);
        self.spurious = matches!(choice, Alternative::Spurious { .. });
        self.newer = choice.message();
    }

    /// A thread runs to its first operation.
    pub(crate) fn begin(&mut self, thread: u16) {
        self.push(thread, "start".to_owned(), None, None, false, None, 0);
    }

    pub(crate) fn event(
        &mut self,
        thread: u16,
        operation: &Operation<'_>,
        case: Option<&Case<'_>>,
        time: u64,
    ) {
        let named = case.or(operation.cases.first());
        let action = named.map_or("wait", |case| case.action).to_owned();
        let object = named.and_then(|case| case.object).map(|object| {
            let next = self.objects.len();
            let key = (object.address as usize, object.created.and_then(place));
            let index = *self.objects.entry(key).or_insert(next);
            if index == next {
                self.trace().objects.push(ObjectInfo {
                    kind: object.kind.to_owned(),
                    name: None,
                    created: object.created.and_then(place),
                });
            }
            index
        });
        let value = operation.value.and_then(|value| value());
        let otherwise = case.is_none();
        self.push(
            thread,
            action,
            object,
            value,
            otherwise,
            place(operation.at),
            time,
        );
    }

    #[allow(clippy::too_many_arguments, reason = "the event's own fields")]
    fn push(
        &mut self,
        thread: u16,
        action: String,
        object: Option<usize>,
        value: Option<String>,
        otherwise: bool,
        at: Option<Place>,
        time: u64,
    ) {
        let next = self.trace().events.len();
        let with = match self.pair {
            Some(usize::MAX) => {
                self.pair = Some(next);
                None
            }
            first => {
                self.pair = None;
                first
            }
        };
        let step = self.step;
        let spurious = std::mem::take(&mut self.spurious);
        let newer = self.newer.take();
        self.trace().events.push(Event {
            step,
            thread,
            action,
            object,
            value,
            otherwise,
            spurious,
            newer,
            text: String::new(),
            stderr: String::new(),
            at,
            time,
            with,
            positions: Vec::new(),
        });
    }

    /// The text of the step so far.
    pub(crate) fn printed(&mut self, text: &str) {
        let new = text[self.seen..].to_owned();
        self.seen = text.len();
        if let Some(event) = self.trace().events.last_mut() {
            event.text.push_str(&new);
        }
    }

    pub(crate) fn printed_error(&mut self, text: &str) {
        if let Some(event) = self.trace().events.last_mut() {
            event.stderr.push_str(text);
        }
    }

    /// What came of the last event.
    pub(crate) fn note(&mut self, value: Option<String>) {
        if let Some(event) = self.trace().events.last_mut() {
            event.value = value.or(event.value.take());
        }
    }

    pub(crate) fn spawned(
        &mut self,
        thread: u16,
        path: ThreadPath,
        parent: u16,
        name: Option<&str>,
        at: &Location<'_>,
    ) {
        let started = self.trace().events.len().saturating_sub(1);
        self.trace().threads.push(Lane {
            thread,
            path,
            name: name.map(str::to_owned),
            parent: Some(parent),
            spawned: place(at),
            started,
            finished: None,
        });
    }

    /// Where the threads stand after a step. Whoever is missing has finished.
    pub(crate) fn positions(&mut self, positions: Vec<Position>) {
        let trace = self.trace();
        let last = trace.events.len().saturating_sub(1);
        for lane in &mut trace.threads {
            let alive = positions.iter().any(|other| other.thread == lane.thread);
            if !alive && lane.finished.is_none() {
                lane.finished = Some(last);
            }
        }
        if let Some(event) = trace.events.last_mut() {
            event.positions = positions;
        }
    }

    /// The end.
    pub(crate) fn ended(&mut self, ending: Option<Ending>, left: Standstill) {
        self.trace().ending = ending;
        self.trace().left = left;
    }
}
