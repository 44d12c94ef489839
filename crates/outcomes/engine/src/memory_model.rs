//! Tells whether a program can tell that its atomics are weak.
//!
//! The engine lets one thing happen after the other, as if all were
//! sequentially consistent. `Acquire`, `Release` and `Relaxed` promise less, and
//! to explore what else they permit (the `weak_memory` module) takes more
//! states. So a program that uses them is explored like that where it can tell;
//! this module keeps watch while the program runs under every schedule, and
//! raises a doubt as soon as it is not sure that it can't. Then exploring starts
//! over.
//!
//! # When a program can't tell
//! Call an atomic *contested* if there is a state in which two threads are
//! both about to access it and one of them writes. A program that uses
//! anything weaker than `SeqCst` has no outcomes but the sequentially
//! consistent ones if
//!
//! 1. at most one of its atomics is contested,
//! 2. nothing is `Relaxed`, and no read-modify-write has `Acquire` or
//!    `Release` alone, which leaves its other half relaxed, unless there is
//!    only one atomic at all, and
//! 3. it never looks at a lock, a channel, a thread or a count without waiting
//!    for it (`try_lock`, `len`, `recv_timeout`, `is_finished`, …): a look
//!    that finds nothing orders nothing.
//!
//! 1 and 2 needn't hold if nothing that is weaker than `SeqCst` ever contests
//! an atomic: such accesses are as good as those to ordinary variables in a
//! program without data races.
//!
//! # Why
//! By contradiction, in the memory model of C++20 that Rust has taken over
//! (RC11: Lahav et al., *Repairing sequential consistency in C/C++11*,
//! PLDI 2017; without values out of thin air). Take an execution that is not
//! sequentially consistent, with as few events as possible. Without its last
//! event *e* it is consistent, so the engine has been there.
//!
//! Accesses to an atomic that is not contested are ordered by *happens
//! before*. Let *a* and *b* be such, of two threads, one of them a write, *a*
//! first, and suppose that *a* does not happen before the event that precedes
//! *b* in its thread. Then leave out everything but what happens before *a*
//! or *b*. What is left is an execution too, since by (2) whatever is read
//! from an atomic was synchronised with, and by (3) so was every answer of a
//! lock or a channel; and it ends with both threads about to do *a* and *b*.
//! So the atomic is contested after all.
//!
//! Now a cycle of program order, happens-before and accesses to the same
//! atomic, in which *e* must be, can leave happens-before only at the one
//! contested atomic *x*, by (1). But coherence forbids that an access to *x*
//! happens before another that comes earlier in the order of *x*'s changes.
//! So there is no cycle, and the execution is sequentially consistent.
//!
//! With only one atomic *x* in the program (2) is not needed. Number what is
//! done to *x* by the order of its changes: a write by its place, a read by
//! the place of what it read. By coherence, *happens before* never leads to a
//! smaller number. A read is numbered like its write, and less than whatever
//! changes what it read. So on a cycle all have one number: one write and its
//! reads. But a read of a write doesn't happen before it.
//!
//! Where nothing weak contests an atomic, that is the theorem by which a program
//! without data races has no outcomes but the sequentially consistent ones
//! (Theorem 4 there): in an execution in which some weak access and a
//! conflicting one are not ordered, take those two that come first, and leave
//! out all but what happens before either. What is left is sequentially
//! consistent, and ends with both threads about to do them.
//!
//! It takes for granted what the rest of the engine does: that what waits in
//! a library (a lock, a receive, a join, a print) orders the threads that it
//! brings together, and, on the prompt clock, that what was done before time
//! passed is seen afterwards.

use crate::Place;
use crate::model::{Access, Operation};
use crate::places::place;
use std::collections::HashSet;
use std::sync::atomic::Ordering;

/// What a program was seen to do with atomics, under any schedule.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Their addresses.
    atomics: HashSet<usize>,
    contested: HashSet<usize>,
    /// Whether one is contested by an access that is weaker than `SeqCst`.
    contested_weakly: bool,
    /// The first access that is weaker than `SeqCst`.
    weak: Option<Weak>,
    /// The first read-modify-write of which one half is relaxed.
    half: Option<Weak>,
    /// The first access that is relaxed altogether.
    relaxed: Option<Weak>,
    /// Whether anything was looked at without waiting for it.
    looked: bool,
    /// Whether there was a fence.
    fences: bool,
    /// Whether an access or a fence was `SeqCst`.
    strong: bool,
}

/// Which schedules were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedules {
    All,
    /// All, but threads that are alike were taken for one another: so may have been two
    /// atomics, each contested by one of them.
    AllButAlike,
    Some,
}

#[derive(Clone, Debug)]
struct Weak {
    access: Access,
    at: Option<Place>,
}

impl Watch {
    /// A thread is about to do this.
    pub(crate) fn announced(&mut self, operation: &Operation<'_>) {
        let Some(access) = operation.access else {
            self.looked |= is_look(operation);
            return;
        };
        self.atomics.insert(address(operation));
        let weak = || Weak {
            access,
            at: place(operation.at),
        };
        self.strong |= access.is_strong();
        if access.is_weak() {
            self.weak.get_or_insert_with(weak);
        }
        if access.is_half_relaxed() {
            self.half.get_or_insert_with(weak);
        }
        if access.is_relaxed() {
            self.relaxed.get_or_insert_with(weak);
        }
    }

    /// Something was looked at that others change, without waiting for it.
    pub(crate) fn looked(&mut self) {
        self.looked = true;
    }

    /// In some state threads are about to do these.
    pub(crate) fn together<'a>(
        &mut self,
        operations: impl Iterator<Item = &'a Operation<'static>>,
    ) {
        if self.atomics.is_empty() {
            return;
        }
        let accesses = operations.filter_map(|operation| {
            let access = operation.access?;
            Some((address(operation), access.writes(), access.is_weak()))
        });
        let mut accesses: Vec<(usize, bool, bool)> = accesses.collect();
        accesses.sort_unstable();
        for same in accesses.chunk_by(|one, other| one.0 == other.0) {
            if same.len() > 1 && same.iter().any(|(_, writes, _)| *writes) {
                self.contested.insert(same[0].0);
                self.contested_weakly |= same.iter().any(|(_, _, weak)| *weak);
            }
        }
    }

    /// A fence that orders memory, like this.
    pub(crate) fn fenced(&mut self, ordering: Ordering) {
        self.fences = true;
        self.strong |= ordering == Ordering::SeqCst;
    }

    /// Whether the program may have more outcomes than those without weak
    /// memory. If only some schedules were looked at, every atomic counts as
    /// contested.
    pub(crate) fn is_doubtful(&self, schedules: Schedules) -> bool {
        let is_settled = schedules != Schedules::Some && !self.looked && !self.contested_weakly;
        if self.weak.is_none() || is_settled {
            return false;
        }
        let several = self.atomics.len() > 1;
        let contested = match schedules {
            Schedules::All => self.contested.len() > 1,
            Schedules::AllButAlike | Schedules::Some => several,
        };
        contested || self.looked || several && (self.half.is_some() || self.relaxed.is_some())
    }

    /// What the program can be told by from one with `SeqCst` only: whether it
    /// has fences, and whether some of it is `SeqCst`.
    pub(crate) fn uses(&self) -> (bool, bool) {
        (self.fences, self.strong)
    }

    /// What it does that is weaker than `SeqCst`, to complete "it ", and what to
    /// do instead.
    pub(crate) fn weakness(&self) -> Option<(String, &'static str, Option<Place>)> {
        let relaxed = self.relaxed.as_ref().or(self.half.as_ref());
        let weak = relaxed.or(self.weak.as_ref())?;
        let (does, instead) = match weak.access {
            Access::Format => (
                "formats an atomic by its Debug, which reads it with Ordering::Relaxed".to_owned(),
                "with what load(Ordering::SeqCst) returns in its place",
            ),
            access => (
                format!("uses Ordering::{:?}", access.ordering()),
                "with Ordering::SeqCst everywhere",
            ),
        };
        Some((does, instead, weak.at.clone()))
    }
}

impl Access {
    /// The weaker one, if there are two.
    fn ordering(self) -> Ordering {
        match self {
            Access::Format => Ordering::Relaxed,
            Access::Change(success, failure)
                if success == Ordering::Relaxed || failure == Ordering::Relaxed =>
            {
                Ordering::Relaxed
            }
            Access::Load(ordering) | Access::Store(ordering) => ordering,
            Access::Change(Ordering::SeqCst, failure) => failure,
            Access::Change(success, _) => success,
        }
    }

    fn writes(self) -> bool {
        !matches!(self, Access::Load(_) | Access::Format)
    }

    fn is_weak(self) -> bool {
        self.ordering() != Ordering::SeqCst
    }

    /// Whether it is `SeqCst`, or may be.
    pub(crate) fn is_strong(self) -> bool {
        match self {
            Access::Format => false,
            Access::Load(ordering) | Access::Store(ordering) => ordering == Ordering::SeqCst,
            Access::Change(success, failure) => {
                success == Ordering::SeqCst || failure == Ordering::SeqCst
            }
        }
    }

    fn is_relaxed(self) -> bool {
        self.ordering() == Ordering::Relaxed
    }

    fn is_half_relaxed(self) -> bool {
        matches!(
            self,
            Access::Change(Ordering::Acquire | Ordering::Release, _)
        )
    }
}

/// Of the atomic that the operation accesses.
fn address(operation: &Operation<'_>) -> usize {
    let mut objects = operation.cases.iter().filter_map(|case| case.object);
    objects.next().map_or(0, |object| object.address as usize)
}

/// Whether the operation can tell that something is not so, yet.
pub(crate) fn is_look(operation: &Operation<'_>) -> bool {
    let waits = operation.otherwise == crate::model::Otherwise::Block;
    let prefers = operation.in_order && operation.cases.len() > 1;
    let touches = operation.cases.iter().any(|case| case.object.is_some());
    touches && (!waits || prefers || operation.peek)
}
