//! Waiting for a condition, as `std::sync::Condvar`.

use super::{LockResult, Mutex, MutexGuard, PoisonError};
use outcomes_engine::model::{
    self, Case, Home, Object, Operation, Otherwise, Ready, Shared, ThreadId, Timer, TryLock,
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
    queue: TryLock<Queue>,
    /// Which mutex was waited with first.
    mutex: Shared<Option<usize>>,
}

impl UnwindSafe for Condvar {}
impl RefUnwindSafe for Condvar {}

/// Who waits, and what has come for them.
#[derive(Default)]
struct Queue {
    /// In order of their numbers, since any of them may be woken.
    waiters: Vec<ThreadId>,
    /// Notifications that nobody has taken yet, each with those who were
    /// waiting when it was given: one of them may take it. Each is contained
    /// in the next.
    notified: Vec<Vec<ThreadId>>,
}

impl Queue {
    const fn new() -> Queue {
        Queue {
            waiters: Vec::new(),
            notified: Vec::new(),
        }
    }

    fn is_notified(&self, waiter: ThreadId) -> bool {
        self.notified.iter().any(|who| who.contains(&waiter))
    }

    fn join(&mut self, waiter: ThreadId) {
        self.waiters.push(waiter);
        self.waiters.sort_unstable();
    }

    /// Takes a waiter off the lists, and with it a notification that it
    /// could take, if it was notified. The earliest: fewest others can.
    fn leave(&mut self, waiter: ThreadId, was_notified: bool) {
        self.waiters.retain(|&other| other != waiter);
        let mut notified = self.notified.iter();
        if was_notified && let Some(taken) = notified.position(|who| who.contains(&waiter)) {
            self.notified.remove(taken);
        }
        for who in &mut self.notified {
            who.retain(|&other| other != waiter);
        }
        // A notification is lost when all who could take it are gone: as
        // many as there are waiters to take them remain.
        let mut kept = 0;
        self.notified.retain(|who| {
            let keep = kept < who.len();
            kept += usize::from(keep);
            keep
        });
    }

    /// Gives a notification. Returns whether there was anybody left for it.
    fn notify(&mut self) -> bool {
        let anybody = self.notified.len() < self.waiters.len();
        if anybody {
            self.notified.push(self.waiters.clone());
        }
        anybody
    }

    /// Lays the lists out anew, so that equal lists lie at equal addresses,
    /// however they came to be.
    fn tidy(&mut self) {
        let (waiters, notified) = Home::aside(|| (self.waiters.clone(), self.notified.clone()));
        *self = Queue::new();
        self.waiters = waiters.as_slice().into();
        self.notified.reserve_exact(notified.len());
        self.notified
            .extend(notified.iter().map(|who| Vec::from(who.as_slice())));
    }
}

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
            queue: TryLock::new(Queue::new()),
            mutex: Shared::new(None),
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

    /// Waits to be notified, for this many milliseconds at most; returns
    /// whether it was.
    ///
    /// # Errors
    /// The guard too, if the mutex is poisoned.
    #[track_caller]
    #[deprecated(
        since = "1.6.0",
        note = "replaced by `std::sync::Condvar::wait_timeout`"
    )]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        milliseconds: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let duration = Duration::from_millis(milliseconds.into());
        match self.wait_timeout(guard, duration) {
            Ok((guard, result)) => Ok((guard, !result.timed_out())),
            Err(error) => {
                let (guard, result) = error.into_inner();
                Err(PoisonError::new((guard, !result.timed_out())))
            }
        }
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
        let timer = Timer::new();
        timer.set(duration);
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let left = timer.left();
            let wait = left.unwrap_or(duration);
            if wait.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            let (again, result) = self.wait_timeout(guard, wait)?;
            guard = again;
            // On a clock without time, a timeout is all that tells.
            if left.is_none() && result.timed_out() {
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
        model::swept(|| self.wait_swept(guard, otherwise, at))
    }

    /// Which mutex it is. Both may move before they are shared, and mostly do so
    /// together, so it is where the mutex is, seen from here.
    fn offset<T>(&self, mutex: &Mutex<T>) -> usize {
        let address = std::ptr::from_ref(mutex).cast::<()>().addr();
        address.wrapping_sub(std::ptr::from_ref(self).addr())
    }

    /// With a mutex that isn't the first one, the original may panic, and does so
    /// where it waits by pthreads.
    fn start_waiting(&self, mutex: usize, at: &'static Location<'static>) {
        let other = || self.mutex.get().is_some_and(|first| first != mutex);
        let case = |ready| Case {
            action: "let go of the mutex and wait",
            object: Some(self.object()),
            ready,
        };
        let cases = [case(Ready::Always), case(Ready::Perhaps(&other))];
        let may_wait = model::perform(&Operation::new(&cases, at)) == Some(0);
        assert!(
            may_wait,
            "attempted to use a condition variable with two mutexes"
        );
        self.mutex.set(self.mutex.get().or(Some(mutex)));
    }

    fn wait_swept<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        otherwise: Otherwise,
        at: &'static Location<'static>,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let mutex = guard.mutex();
        let me = model::current();
        self.start_waiting(self.offset(mutex), at);
        self.change(|queue| queue.join(me));
        guard.release();
        let notified = || self.queue.lock().is_notified(me);
        let case = |ready| Case {
            action: "wait to be notified",
            object: Some(self.object()),
            ready,
        };
        let cases = [case(Ready::When(&notified)), case(Ready::Spurious)];
        let woken = model::perform(&Operation::new(&cases, at).or(otherwise));
        self.change(|queue| queue.leave(me, woken == Some(0)));
        let result = WaitTimeoutResult(woken.is_none());
        match mutex.lock_at(at) {
            Ok(guard) => Ok((guard, result)),
            Err(error) => Err(PoisonError::new((error.into_inner(), result))),
        }
    }

    /// Wakes one of those who wait, if anybody does.
    #[track_caller]
    pub fn notify_one(&self) {
        model::act("notify one", Some(self.object()), Location::caller());
        self.change(|queue| {
            queue.notify();
        });
    }

    /// Wakes all who wait.
    #[track_caller]
    pub fn notify_all(&self) {
        model::act("notify all", Some(self.object()), Location::caller());
        self.change(|queue| while queue.notify() {});
    }

    fn change(&self, change: impl FnOnce(&mut Queue)) {
        let home = self.home.get().unwrap_or_else(Home::here);
        self.home.set(Some(home));
        model::swept(|| {
            home.visit(|| {
                let mut queue = self.queue.lock();
                change(&mut queue);
                queue.tidy();
            });
        });
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
