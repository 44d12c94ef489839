//! How far the engine is, for another OS thread to see: a program that
//! computes without end between two operations never gives control back.

use crate::places::place;
use crate::{Answer, Checked, Computing, NotCounted, Request, Stopped};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Of a thread's name, how many bytes are told.
const NAME: usize = 64;

/// How long a thread computes, at least, before it is said not to end.
const PATIENCE: Duration = Duration::from_secs(1);

static PULSE: Mutex<Pulse> = Mutex::new(Pulse {
    began: None,
    deadline: None,
    states: 0,
    executions: 0,
    steps: 0,
    step: None,
});

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Has whatever is explored or searched in this process come to its end, as if its time
/// were up: the answer has what is known so far. From any thread.
pub fn stop() {
    STOPPED.store(true, Ordering::Relaxed);
}

pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// How far the engine is.
#[derive(Clone, Copy)]
struct Pulse {
    /// When it began.
    began: Option<Instant>,
    /// When time is up.
    deadline: Option<Instant>,
    states: usize,
    executions: u64,
    /// How many steps it has begun.
    steps: u64,
    /// What runs, while the program does.
    step: Option<Step>,
}

/// A thread on its way from one operation to the next.
#[derive(Clone, Copy)]
struct Step {
    thread: u16,
    /// Where it comes from.
    at: Option<&'static Location<'static>>,
    /// Where it was started.
    spawned: Option<&'static Location<'static>>,
    /// The first bytes of its name, and how many.
    name: Option<([u8; NAME], usize)>,
}

fn pulse() -> MutexGuard<'static, Pulse> {
    PULSE.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Some work begins, for which there is so much time.
pub(crate) fn work_begins(now: Instant, time: Duration) {
    let mut pulse = pulse();
    pulse.deadline = now.checked_add(time);
    pulse.began.get_or_insert(now);
}

/// So much is explored.
pub(crate) fn explored(states: usize, executions: u64) {
    let mut pulse = pulse();
    (pulse.states, pulse.executions) = (states, executions);
}

/// A thread of the program goes on from here.
pub(crate) fn step_begins(
    thread: u16,
    at: Option<&'static Location<'static>>,
    spawned: Option<&'static Location<'static>>,
    name: Option<&str>,
) {
    let name = name.map(|name| {
        let mut bytes = [0; NAME];
        let length = name.len().min(NAME);
        bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
        (bytes, length)
    });
    let mut pulse = pulse();
    pulse.steps += 1;
    pulse.step = Some(Step {
        thread,
        at,
        spawned,
        name,
    });
}

/// It has come to its next operation.
pub(crate) fn step_ends() {
    pulse().step = None;
}

/// Looks from another OS thread whether [`answer`](crate::answer) can still
/// keep its limit of time.
#[derive(Debug, Default)]
pub struct Watchdog {
    /// The step that was running, and since when it is known to.
    seen: Option<(u64, Instant)>,
}

impl Watchdog {
    /// One that has not looked yet.
    pub fn new() -> Watchdog {
        Watchdog::default()
    }

    /// To be called again and again. What to answer, as soon as time is up and
    /// the program has not given control back for a while: it may never do.
    pub fn look(&mut self, request: &Request) -> Option<Answer> {
        let pulse = *pulse();
        let now = Instant::now();
        let step = pulse.step?;
        let since = match self.seen {
            Some((steps, since)) if steps == pulse.steps => since,
            _ => now,
        };
        self.seen = Some((pulse.steps, since));
        let is_up = pulse.deadline.is_some_and(|deadline| now >= deadline);
        let is_late = is_up || is_stopped();
        if !is_late || now.duration_since(since) < PATIENCE {
            return None;
        }
        let limit = if is_stopped() {
            Stopped::Asked
        } else {
            Stopped::Time
        };
        let seconds = pulse
            .began
            .map_or(0.0, |began| began.elapsed().as_secs_f64());
        Some(Answer {
            not_counted: Some(NotCounted::Incomplete(limit)),
            states: pulse.states,
            executions: pulse.executions,
            seconds,
            checked: vec![Checked::Unknown(limit); request.checks.len()],
            computing: Some(Computing {
                thread: step.thread,
                name: step
                    .name
                    .map(|(bytes, length)| String::from_utf8_lossy(&bytes[..length]).into_owned()),
                spawned: step.spawned.and_then(place),
                at: step.at.and_then(place),
            }),
            ..Answer::default()
        })
    }
}
