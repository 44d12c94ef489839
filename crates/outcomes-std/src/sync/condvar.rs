//! Waiting for a condition, as `std::sync::Condvar`.

use super::{LockResult, MutexGuard, PoisonError};
use outcomes::model::{
    self, Case, Home, Object, Operation, Otherwise, Ready, Shared, ThreadId, TryLock,
};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::time::Duration;

/// Lets threads wait until another says that something has changed.
///
/// A wait may end for no reason.
pub struct Condvar {
    created: &'static Location<'static>,
    home: Shared<Option<Home>>,
    /// Who waits.
    waiters: TryLock<Vec<ThreadId>>,
    /// Notifications that nobody has taken yet, each with those who were
    /// waiting when it was given: one of them may take it. Each is contained
    /// in the next.
    notified: TryLock<Vec<Vec<ThreadId>>>,
}

impl UnwindSafe for Condvar {}
impl RefUnwindSafe for Condvar {}

/// How a wait with a timeout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was up.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// A condition variable that nobody waits for.
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar {
            created: Location::caller(),
            home: Shared::new(None),
            waiters: TryLock::new(Vec::new()),
            notified: TryLock::new(Vec::new()),
        }
    }

    fn object(&self) -> Object {
        Object::new("condvar", self, Some(self.created))
    }

    /// Lets go of the mutex, waits to be notified, and takes the mutex again.
    ///
    /// # Errors
    /// The guard too, if the mutex is poisoned.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let result = self.wait_or(guard, Otherwise::Block, Location::caller());
        result
            .map(|(guard, _)| guard)
            .map_err(|error| PoisonError::new(error.into_inner().0))
    }

    /// Waits while the condition holds.
    ///
    /// # Errors
    /// The guard too, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Waits to be notified, for this long at most.
    ///
    /// # Errors
    /// The guard too, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        self.wait_or(guard, Otherwise::TimeOut(duration), Location::caller())
    }

    /// Waits while the condition holds, for this long at most.
    ///
    /// # Errors
    /// The guard too, if the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        duration: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let start = model::now();
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let passed = model::now()
                .zip(start)
                .map_or(Duration::ZERO, |(now, start)| now - start);
            let left = duration.saturating_sub(passed);
            if left.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            let (again, result) = self.wait_timeout(guard, left)?;
            guard = again;
            // On a clock without time, a timeout is all that tells.
            if start.is_none() && result.timed_out() {
                let timed_out = condition(&mut *guard);
                return Ok((guard, WaitTimeoutResult(timed_out)));
            }
        }
    }

    fn wait_or<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        otherwise: Otherwise,
        at: &'static Location<'static>,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let mutex = guard.mutex();
        let me = model::current();
        model::act("let go of the mutex and wait", Some(self.object()), at);
        self.at_home(|| self.waiters.lock().push(me));
        guard.release();
        let notified = || self.notified.lock().iter().any(|who| who.contains(&me));
        let case = |ready| Case {
            action: "wait to be notified",
            object: Some(self.object()),
            ready,
        };
        let cases = [case(Ready::When(&notified)), case(Ready::Spurious)];
        let woken = model::perform(&Operation::new(&cases, at).or(otherwise));
        self.leave(me, woken == Some(0));
        let result = WaitTimeoutResult(woken.is_none());
        match mutex.lock_at(at) {
            Ok(guard) => Ok((guard, result)),
            Err(error) => Err(PoisonError::new((error.into_inner(), result))),
        }
    }

    /// Takes a waiter off the lists, and with it a notification that it
    /// could take, if it was notified. The earliest: fewest others can.
    fn leave(&self, me: ThreadId, was_notified: bool) {
        self.at_home(|| {
            let mut waiters = self.waiters.lock();
            let mut notified = self.notified.lock();
            waiters.retain(|&other| other != me);
            waiters.shrink_to_fit();
            let taken = notified.iter().position(|who| who.contains(&me));
            if let Some(taken) = taken
                && was_notified
            {
                notified.remove(taken);
            }
            for who in notified.iter_mut() {
                who.retain(|&other| other != me);
                who.shrink_to_fit();
            }
            // A notification is lost when all who could take it are gone: as
            // many as there are waiters to take them remain.
            let mut kept = 0;
            notified.retain(|who| {
                let keep = kept < who.len();
                kept += usize::from(keep);
                keep
            });
            notified.shrink_to_fit();
        });
    }

    /// Wakes one of those who wait, if anybody does.
    #[track_caller]
    pub fn notify_one(&self) {
        model::act("notify one", Some(self.object()), Location::caller());
        self.at_home(|| self.notify());
    }

    /// Wakes all who wait.
    #[track_caller]
    pub fn notify_all(&self) {
        model::act("notify all", Some(self.object()), Location::caller());
        self.at_home(|| while self.notify() {});
    }

    /// Whether there was anybody left to notify.
    fn notify(&self) -> bool {
        let waiters = self.waiters.lock();
        let mut notified = self.notified.lock();
        if notified.len() >= waiters.len() {
            return false;
        }
        let mut who = waiters.clone();
        who.sort_unstable();
        notified.reserve_exact(1);
        notified.push(who);
        true
    }

    fn at_home<R>(&self, run: impl FnOnce() -> R) -> R {
        let home = self.home.get().unwrap_or_else(Home::here);
        self.home.set(Some(home));
        home.visit(run)
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Condvar").finish_non_exhaustive()
    }
}
