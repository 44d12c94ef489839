//! Time: the prompt clock, sleeping, yielding, and timers.

use super::operations::perform;
use super::refinements::{Refinement, refine};
use super::threads::{Thread, with_thread};
use super::{Machine, with_machine};
use crate::Clock;
use crate::model::{Case, Operation, Otherwise, Ready, Timer};
use std::panic::Location;
use std::ptr;
use std::time::Duration;

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
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
    if prompt {
        let never: &dyn Fn() -> bool = &|| false;
        let cases = case(Ready::When(never));
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
    with_machine(|machine| machine.moment(machine.world.now))
}

impl Machine {
    /// A time as the program may know it.
    pub(super) fn moment(&self, nanoseconds: u64) -> Option<Duration> {
        let known = if self.is_refined(Refinement::Time) {
            nanoseconds
        } else {
            0
        };
        (self.setup.clock == Clock::Prompt).then(|| Duration::from_nanos(known))
    }
}

pub(super) fn address(timer: &Timer) -> usize {
    ptr::from_ref(timer) as usize
}

pub(crate) fn set_timer(timer: &Timer, wait: Duration) {
    with_machine(|machine| {
        let due = match machine.setup.clock {
            Clock::Any => 0,
            Clock::Prompt => machine.world.now.saturating_add(nanoseconds(wait)),
        };
        machine.world.timers.insert(address(timer), due);
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
        let left = Duration::from_nanos(due.saturating_sub(machine.world.now));
        (machine.setup.clock == Clock::Prompt).then_some(left)
    })
}

impl Machine {
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
        for thread in &mut self.world.threads {
            thread.arrived = true;
        }
    }

    /// The next time at which any thread could go on.
    pub(super) fn next_due(&self) -> Option<u64> {
        let threads = self.world.threads.iter();
        threads.filter_map(|thread| self.next_time(thread)).min()
    }

    /// The next time at which a thread that waits could go on.
    fn next_time(&self, thread: &Thread) -> Option<u64> {
        let cases = thread.operation().cases.iter();
        let times = cases.filter_map(|case| match case.ready {
            Ready::Timer(timer) => self.due(timer),
            _ => None,
        });
        let times = times.chain(thread.deadline);
        times.filter(|&time| time > self.world.now).min()
    }

    /// When a timer is due, if it is set.
    pub(super) fn due(&self, timer: &Timer) -> Option<u64> {
        self.world.timers.get(&address(timer)).copied()
    }

    /// Whether the thread has waited long enough to go on without any case,
    /// as far as the clock is concerned.
    pub(super) fn is_over(&self, thread: &Thread) -> bool {
        match thread.operation().otherwise {
            Otherwise::Block => false,
            Otherwise::GoOn => true,
            Otherwise::TimeOut(_) => match self.setup.clock {
                Clock::Any => true,
                Clock::Prompt => thread
                    .deadline
                    .is_some_and(|deadline| deadline <= self.world.now),
            },
        }
    }
}
