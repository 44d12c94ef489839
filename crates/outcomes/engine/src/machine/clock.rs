//! Time: the prompt clock, sleeping, yielding, and timers.

use super::operations::perform;
use super::refinements::{Refinement, refine};
use super::threads::{SinceYield, Thread, with_thread};
use super::{Machine, is_modelled, with_machine};
use crate::Clock;
use crate::model::{Case, Operation, Otherwise, Ready, Timer};
use std::panic::Location;
use std::ptr;
use std::time::Duration;

/// A time for a trace, whose times are in nanoseconds: centuries are enough.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The longest wait that ends, in seconds. std and crossbeam add it to the
/// present, as a signed 64-bit number of seconds; what is beyond that they wait
/// for without end.
const LONGEST_WAIT: u64 = i64::MAX as u64 - 1;

/// How long a wait of this length lasts; `None` if it never ends.
fn ending(wait: Duration) -> Option<Duration> {
    (wait.as_secs() <= LONGEST_WAIT).then_some(wait)
}

pub(crate) fn sleep(duration: Duration, at: &'static Location<'static>) {
    let case = |ready| {
        [Case {
            action: "sleep",
            object: None,
            ready,
        }]
    };
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if prompt || ending(duration).is_none() {
        let cases = case(Ready::Never);
        let operation = Operation::new(&cases, at).or(Otherwise::TimeOut(duration));
        perform(&operation.eagerly());
    } else {
        perform(&Operation::new(&case(Ready::Always), at).eagerly());
    }
}

pub(crate) fn yield_now(at: &'static Location<'static>) {
    let cases = [Case {
        action: "yield",
        object: None,
        ready: Ready::Always,
    }];
    let operation = Operation::new(&cases, at);
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if prompt {
        with_thread(|thread| thread.polite = true);
        perform(&operation);
    } else {
        perform(&operation.eagerly());
    }
}

pub(crate) fn now() -> Option<Duration> {
    let prompt = with_machine(|machine| machine.setup.clock == Clock::Prompt);
    if !prompt {
        return None;
    }
    refine(Refinement::Time);
    moment()
}

pub(crate) fn moment() -> Option<Duration> {
    if is_modelled() {
        with_thread(|thread| {
            if thread.since == SinceYield::Nothing {
                thread.since = SinceYield::ReadClock;
            }
        });
    }
    with_machine(|machine| machine.moment(machine.world.now))
}

impl Machine {
    /// A time as the program may know it.
    fn moment(&self, time: Duration) -> Option<Duration> {
        let known = if self.is_refined(Refinement::Time) {
            time
        } else {
            Duration::ZERO
        };
        (self.setup.clock == Clock::Prompt).then_some(known)
    }
}

pub(super) fn address(timer: &Timer) -> usize {
    ptr::from_ref(timer) as usize
}

pub(crate) fn set_timer(timer: &Timer, wait: Duration) {
    with_machine(|machine| {
        let due = ending(wait).map(|wait| match machine.setup.clock {
            Clock::Any => Duration::ZERO,
            Clock::Prompt => machine.world.now.saturating_add(wait),
        });
        match due {
            Some(due) => machine.world.timers.insert(address(timer), due),
            None => machine.world.timers.remove(&address(timer)),
        };
    });
}

pub(crate) fn clear_timer(timer: &Timer) {
    with_machine(|machine| machine.world.timers.remove(&address(timer)));
}

pub(crate) fn timer_moment(timer: &Timer) -> Option<Duration> {
    with_machine(|machine| {
        let due = machine.due(timer)?;
        machine.moment(due)
    })
}

pub(crate) fn timer_left(timer: &Timer) -> Option<Duration> {
    with_machine(|machine| {
        let due = machine.due(timer)?;
        let left = due.saturating_sub(machine.world.now);
        (machine.setup.clock == Clock::Prompt).then_some(left)
    })
}

impl Machine {
    /// When the wait that a thread begins is over, if it is some day.
    pub(super) fn deadline(&self, otherwise: Otherwise) -> Option<Duration> {
        let Otherwise::TimeOut(wait) = otherwise else {
            return None;
        };
        (self.setup.clock == Clock::Prompt).then_some(())?;
        Some(self.world.now.saturating_add(ending(wait)?))
    }

    /// Lets time pass to the next deadline, if nothing can happen before.
    /// Then some thread can go on.
    pub(super) fn pass_time(&mut self) -> bool {
        if self.setup.clock != Clock::Prompt || !self.alternatives().is_empty() {
            return false;
        }
        let due = self.next_due().is_some();
        self.advance();
        due
    }

    /// Lets time pass to the next deadline, if there is one.
    pub(super) fn advance(&mut self) {
        let Some(next) = self.next_due() else {
            return;
        };
        self.world.now = self.world.now.max(next);
        // What was done before time passes is seen afterwards.
        if let Some(weak) = self.weak() {
            weak.synchronize();
        }
        for thread in &mut self.world.threads {
            thread.arrived = true;
        }
    }

    /// Where a thread yields and watches the clock, while nobody waits for anything but
    /// that time passes, and so it never does.
    pub(crate) fn watches_the_clock(&self) -> Option<&'static Location<'static>> {
        let mut watchers = self.world.threads.iter();
        let watcher =
            watchers.find(|thread| thread.polite && thread.since == SinceYield::ReadClock)?;
        // As long as nobody looks at a time that was read, nobody waits for it.
        let is_looked_at = self.is_refined(Refinement::Time);
        let is_idle = self.setup.clock == Clock::Prompt && self.next_due().is_none();
        let at = watcher.operation().at;
        (is_looked_at && is_idle && self.all_are_polite()).then_some(at)
    }

    /// The next time at which any thread could go on.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let threads = self.world.threads.iter();
        threads.filter_map(|thread| self.next_time(thread)).min()
    }

    /// Whether a thread could go on some day by nothing but time.
    pub(super) fn waits_for_time(&self, thread: &Thread) -> bool {
        let mut cases = thread.operation().cases.iter();
        thread.deadline.is_some()
            || cases.any(|case| match case.ready {
                Ready::Timer(timer) => self.due(timer).is_some(),
                _ => false,
            })
    }

    /// The next time at which a thread that waits could go on.
    fn next_time(&self, thread: &Thread) -> Option<Duration> {
        let cases = thread.operation().cases.iter();
        let times = cases.filter_map(|case| match case.ready {
            Ready::Timer(timer) => self.due(timer),
            _ => None,
        });
        let times = times.chain(thread.deadline);
        times.filter(|&time| time > self.world.now).min()
    }

    /// When a timer is due, if it is set.
    pub(super) fn due(&self, timer: &Timer) -> Option<Duration> {
        self.world.timers.get(&address(timer)).copied()
    }

    /// Whether the thread has waited long enough to go on without any case,
    /// as far as the clock is concerned.
    pub(super) fn is_over(&self, thread: &Thread) -> bool {
        match thread.operation().otherwise {
            Otherwise::Block => false,
            Otherwise::GoOn => true,
            Otherwise::TimeOut(wait) => match self.setup.clock {
                Clock::Any => ending(wait).is_some(),
                Clock::Prompt => thread
                    .deadline
                    .is_some_and(|deadline| deadline <= self.world.now),
            },
        }
    }
}
