//! A lock, as `std::sync::Mutex`.

use super::{LockResult, PoisonError, TryLockError, TryLockResult};
use outcomes_engine::model::{
    self, Case, Object, Operation, Otherwise, Ready, Refinement, Shared, TryLock, TryLockGuard,
};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// Lets one thread at a time at a value.
pub struct Mutex<T: ?Sized> {
    created: &'static Location<'static>,
    poisoned: Shared<bool>,
    value: TryLock<T>,
}

impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    /// A mutex that nobody holds.
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            created: Location::caller(),
            poisoned: Shared::new(false),
            value: TryLock::new(value),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// The value too, if the mutex is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.poisoned.get();
        result(self.value.into_inner(), poisoned)
    }
}

impl<T: ?Sized> Mutex<T> {
    fn object(&self) -> Object {
        Object::new("mutex", self, Some(self.created))
    }

    /// Waits until nobody holds it, and holds it.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it held the mutex.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let free = || !self.value.is_locked();
        let at = Location::caller();
        model::act_when("lock", self.object(), &free, at);
        self.guard(at)
    }

    /// Holds it if nobody does.
    ///
    /// # Errors
    /// If somebody holds it; or the guard, if it is poisoned.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        self.try_lock_at(Location::caller())
    }

    fn try_lock_at(&self, at: &'static Location<'static>) -> TryLockResult<MutexGuard<'_, T>> {
        model::refine(Refinement::Locks);
        let free = || !self.value.is_locked();
        let cases = [Case {
            action: "try to lock",
            object: Some(self.object()),
            ready: Ready::When(&free),
        }];
        let operation = Operation::new(&cases, at).or(Otherwise::GoOn);
        if model::perform(&operation).is_none() {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.guard(at)?)
    }

    fn guard(&self, at: &'static Location<'static>) -> LockResult<MutexGuard<'_, T>> {
        let guard = MutexGuard {
            mutex: self,
            panicking: model::panicking(),
            silent: false,
            value: self.value.lock(),
            stays: PhantomData,
        };
        model::holding(self.object(), "", at);
        result(guard, self.poisoned.get())
    }

    /// Whether a thread panicked while it held the mutex.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        self.look("look for poison");
        self.poisoned.get()
    }

    /// Forgets that a thread panicked while it held the mutex.
    #[track_caller]
    pub fn clear_poison(&self) {
        self.look("clear poison");
        self.poisoned.set(false);
    }

    #[track_caller]
    fn look(&self, action: &'static str) {
        model::refine(Refinement::Locks);
        model::act(action, Some(self.object()), Location::caller());
    }

    /// The value, which nobody else can reach.
    ///
    /// # Errors
    /// The value too, if the mutex is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.poisoned.get();
        result(self.value.get_mut(), poisoned)
    }
}

fn result<G>(guard: G, poisoned: bool) -> LockResult<G> {
    if poisoned {
        Err(PoisonError::new(guard))
    } else {
        Ok(guard)
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Mutex<T> {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Mutex");
        match self.try_lock_at(model::showing()) {
            Ok(guard) => debug.field("data", &&*guard),
            Err(TryLockError::Poisoned(error)) => debug.field("data", &&**error.get_ref()),
            // See `build.rs`.
            #[cfg(quotes_locked)]
            Err(TryLockError::WouldBlock) => debug.field("data", &"<locked>"),
            #[cfg(not(quotes_locked))]
            Err(TryLockError::WouldBlock) => debug.field("data", &format_args!("<locked>")),
        };
        debug.field("poisoned", &self.poisoned.get());
        debug.finish_non_exhaustive()
    }
}

/// Holds a [`Mutex`] until it is dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    /// Whether the thread was panicking when it took the lock.
    panicking: bool,
    /// Whether letting go is part of another operation.
    silent: bool,
    // Dropped after `drop` has run.
    value: TryLockGuard<'a, T>,
    /// With the thread that locked, as the original.
    stays: PhantomData<std::sync::MutexGuard<'static, ()>>,
}

#[allow(unsafe_code, reason = "a guard holds more than a reference")]
// SAFETY: as with the original: all that a shared guard gives is a shared value.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T: ?Sized> UnwindSafe for MutexGuard<'_, T> {}
impl<T: ?Sized> RefUnwindSafe for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    pub(super) fn mutex(&self) -> &'a Mutex<T> {
        self.mutex
    }

    /// Lets go as part of what the thread is doing.
    pub(super) fn release(mut self) {
        self.silent = true;
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Holds the mutex again after a wait, as [`lock`](Mutex::lock).
    pub(super) fn lock_at(&self, at: &'static Location<'static>) -> LockResult<MutexGuard<'_, T>> {
        let free = || !self.value.is_locked();
        model::act_when("lock", self.object(), &free, at);
        self.guard(at)
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if !self.silent && model::gives_up(Refinement::Locks) {
            model::act("unlock", Some(self.mutex.object()), model::nowhere());
        }
        if !self.panicking && model::panicking() {
            self.mutex.poisoned.set(true);
        }
        model::gave_back(self.mutex.object(), "");
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}
