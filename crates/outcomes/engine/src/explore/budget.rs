//! What is left of the limits.

use crate::{Settings, memory, pulse};
use outcomes_graph::Bounds;
use std::time::{Duration, Instant};

/// What is left of the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    started: Instant,
    time: Duration,
    memory: usize,
    /// What was allocated before.
    before: usize,
    /// Whether it ends where somebody says that it is enough.
    ends_when_stopped: bool,
}

impl Budget {
    /// What is left of them since work has begun, which may have started over.
    pub(super) fn new(settings: &Settings, started: Instant) -> Budget {
        pulse::work_begins(started, settings.limits.time);
        Budget {
            started,
            time: settings.limits.time,
            memory: settings.limits.memory,
            before: memory::allocated(),
            ends_when_stopped: true,
        }
    }

    /// A part of the time once more, for what is worth having though time is up.
    pub(super) fn some_more(&self) -> Budget {
        Budget {
            started: Instant::now(),
            time: (self.time / 4).min(Duration::from_secs(10)),
            ends_when_stopped: false,
            ..*self
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn allocated(&self) -> usize {
        memory::allocated().saturating_sub(self.before)
    }
}

impl Bounds for Budget {
    fn has_memory(&self, more: usize) -> bool {
        self.allocated().saturating_add(more) <= self.memory
    }

    fn has_time(&self) -> bool {
        let is_stopped = self.ends_when_stopped && pulse::is_stopped();
        !is_stopped && self.started.elapsed() < self.time
    }
}
