//! What may happen next: which operations are ready, and who can meet whom.

use super::Machine;
use super::operations::OTHERWISE;
use super::output::{Stream, is_printing};
use super::parking::Token;
use super::threads::Thread;
use crate::Clock;
use crate::model::{Case, Object, Otherwise, Ready};

/// How often a thread may go on by itself in one step before it has to let
/// the scheduler choose. Any number will do; it keeps a thread that only
/// sleeps in a loop from holding up the engine.
const EAGER_LIMIT: u8 = 8;

/// One thing that the scheduler may let happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// A thread takes a case. Where that is an access to an atomic that isn't
    /// the newest, `message` says how many stores are newer.
    One {
        thread: u16,
        case: u16,
        message: Option<u16>,
    },
    /// Two threads meet.
    Pair {
        from: u16,
        from_case: u16,
        to: u16,
        to_case: u16,
    },
    /// A thread goes on without any case.
    Otherwise { thread: u16 },
    /// A thread takes a case for no reason.
    Spurious { thread: u16, case: u16 },
    /// Time passes: whoever could go on has yielded, or could only do so for no
    /// reason.
    Pass,
}

impl Alternative {
    /// Whether it may as well never happen.
    pub(crate) fn is_spurious(self) -> bool {
        self.step().is_spurious()
    }

    /// How many stores it misses.
    pub(crate) fn message(self) -> Option<u16> {
        match self {
            Alternative::One { message, .. } => message,
            _ => None,
        }
    }
}

/// Whether the thread stays until somebody comes.
pub(super) fn waits(thread: &Thread) -> bool {
    thread.operation().otherwise != Otherwise::GoOn
}

impl Machine {
    pub(super) fn is_eager(&self, thread: &Thread) -> bool {
        thread.operation().eager && self.setup.reduce && thread.eager < EAGER_LIMIT
    }

    /// How an eager operation can go on by itself now.
    pub(super) fn ready_answer(&self, thread: &Thread) -> Option<u32> {
        let operation = thread.operation();
        for (index, case) in operation.cases.iter().enumerate() {
            if self.is_ready(thread, case) {
                return u32::try_from(index).ok();
            }
        }
        self.is_over(thread).then_some(OTHERWISE)
    }

    fn is_ready(&self, thread: &Thread, case: &Case<'_>) -> bool {
        match case.ready {
            Ready::Always => true,
            Ready::When(ready) => ready(),
            Ready::UnlessAwaited(ready, actions) => {
                ready() && !self.is_awaited(thread, case.object, actions)
            }
            Ready::Token => thread.token == Token::Given,
            Ready::Print(stream) | Ready::Lock(stream) => {
                self.held_by_other(stream, thread.slot).is_none()
            }
            Ready::Panic => self.world.noting.is_none(),
            Ready::StdoutHeld => {
                let others = self.world.threads.iter();
                let mut others = others.filter(|other| other.slot != thread.slot);
                self.held_by_other(Stream::Stdout, thread.slot).is_some()
                    || !self.world.pending.is_empty() && others.any(is_printing)
            }
            Ready::Send(level) => level.can_send(),
            Ready::Receive(level) => level.can_receive(),
            Ready::Timer(timer) => {
                let is_over = |due| due <= self.world.now;
                self.setup.clock == Clock::Prompt && self.due(timer).is_some_and(is_over)
            }
            Ready::Spurious | Ready::Perhaps(_) | Ready::Never => false,
        }
    }

    /// Whether a case that is not surely ready may be taken all the same.
    fn is_perhaps_ready(&self, thread: &Thread, case: &Case<'_>) -> bool {
        match case.ready {
            Ready::Spurious => true,
            Ready::Perhaps(ready) | Ready::UnlessAwaited(ready, _) => ready(),
            Ready::Token => thread.token == Token::Doubtful,
            _ => false,
        }
    }

    /// Whether other threads wait to do all of these to the object.
    fn is_awaited(&self, thread: &Thread, object: Option<Object>, actions: &[&str]) -> bool {
        let Some(object) = object else { return false };
        actions.iter().all(|&action| {
            let mut others = self.world.threads.iter();
            others.any(|other| {
                let mut cases = other.operation().cases.iter();
                other.slot != thread.slot
                    && cases.any(|case| {
                        case.action == action
                            && case.object.map(|object| object.address) == Some(object.address)
                    })
            })
        })
    }

    /// Everything that may happen next. Empty when nothing ever will.
    pub(crate) fn alternatives(&self) -> Vec<Alternative> {
        let (mut found, all_polite) = self.of_threads();
        // What may as well never happen doesn't hold up time.
        let may_pass = all_polite && self.setup.clock == Clock::Prompt && !found.is_empty();
        if may_pass && self.next_due().is_some() {
            found.push(Alternative::Pass);
        }
        found
    }

    /// Whether all who can go on for a reason have yielded.
    pub(super) fn all_are_polite(&self) -> bool {
        self.of_threads().1
    }

    /// What threads may do next; and whether all who can for a reason have yielded.
    fn of_threads(&self) -> (Vec<Alternative>, bool) {
        let mut found = Vec::new();
        let mut all_polite = true;
        for thread in &self.world.threads {
            let before = found.len();
            self.alternatives_of(thread, &mut found);
            all_polite &= thread.polite || found[before..].iter().all(|own| own.is_spurious());
        }
        (found, all_polite)
    }

    pub(super) fn alternatives_of(&self, thread: &Thread, found: &mut Vec<Alternative>) {
        let operation = thread.operation();
        if let (Some(access), true) = (operation.access, self.world.weak.is_some()) {
            return self.accesses(thread, access, found);
        }
        // Whether it can't be that no case was ready.
        let mut surely = false;
        for (index, case) in operation.cases.iter().enumerate() {
            let case_index = u16::try_from(index).expect("few cases");
            if self.is_ready(thread, case) {
                found.push(Alternative::One {
                    thread: thread.slot,
                    case: case_index,
                    message: None,
                });
                surely = true;
            } else if self.is_perhaps_ready(thread, case) {
                found.push(Alternative::Spurious {
                    thread: thread.slot,
                    case: case_index,
                });
            } else if self.may_be_due(case.ready) {
                found.push(Alternative::One {
                    thread: thread.slot,
                    case: case_index,
                    message: None,
                });
            } else {
                surely |= self.meetings(thread, case_index, found);
            }
            if surely && operation.in_order {
                break;
            }
        }
        if !surely && self.is_over(thread) {
            found.push(Alternative::Otherwise {
                thread: thread.slot,
            });
        }
    }

    /// Whether a timer may be due, where that isn't known.
    fn may_be_due(&self, ready: Ready<'_>) -> bool {
        let Ready::Timer(timer) = ready else {
            return false;
        };
        self.setup.clock == Clock::Any && self.due(timer).is_some()
    }

    /// Whom the thread can meet by this case. A meeting is listed with the
    /// thread that sends. Returns whether a partner is surely there: one that
    /// only announced that it will come may not have arrived yet.
    fn meetings(&self, thread: &Thread, case: u16, found: &mut Vec<Alternative>) -> bool {
        let operation = thread.operation();
        let ready = operation.cases[usize::from(case)].ready;
        let mut surely = false;
        for (other, other_case) in self.partners(thread, ready) {
            surely |= other.arrived && waits(other);
            if operation.peek {
                let thread = thread.slot;
                let alternative = Alternative::One {
                    thread,
                    case,
                    message: None,
                };
                if waits(other) && found.last() != Some(&alternative) {
                    found.push(alternative);
                }
            } else if matches!(ready, Ready::Send(_)) {
                found.push(Alternative::Pair {
                    from: thread.slot,
                    from_case: case,
                    to: other.slot,
                    to_case: other_case,
                });
            }
        }
        surely
    }

    /// Whom the thread could meet by this case, and by which of theirs.
    pub(super) fn partners<'a>(
        &'a self,
        thread: &'a Thread,
        ready: Ready<'a>,
    ) -> impl Iterator<Item = (&'a Thread, u16)> {
        let others = self.world.threads.iter().filter(move |other| {
            other.slot != thread.slot && !other.operation().peek && (waits(thread) || waits(other))
        });
        others.flat_map(move |other| {
            let cases = (0..).zip(other.operation().cases);
            let cases = cases.filter(move |(_, case)| match (ready, case.ready) {
                (Ready::Send(one), Ready::Receive(other))
                | (Ready::Receive(one), Ready::Send(other)) => one.can_meet(other),
                _ => false,
            });
            cases.map(move |(case, _)| (other, case))
        })
    }
}
