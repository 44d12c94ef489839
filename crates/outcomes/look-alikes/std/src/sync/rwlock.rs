//! A lock for many readers or one writer, as `std::sync::RwLock`.

use super::{LockResult, PoisonError, TryLockError, TryLockResult};
use outcomes::model::{
    self, Case, Object, Operation, Otherwise, Ready, Refinement, Shared, TryRwLock, TryRwLockRead,
    TryRwLockWrite,
};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// Lets many readers or one writer at a value.
pub struct RwLock<T: ?Sized> {
    created: &'static Location<'static>,
    poisoned: Shared<bool>,
    value: TryRwLock<T>,
}

impl<T: ?Sized> UnwindSafe for RwLock<T> {}
impl<T: ?Sized> RefUnwindSafe for RwLock<T> {}

impl<T> RwLock<T> {
    /// A lock that nobody holds.
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            created: Location::caller(),
            poisoned: Shared::new(false),
            value: TryRwLock::new(value),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// The value too, if the lock is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.poisoned.get();
        result(self.value.into_inner(), poisoned)
    }
}

impl<T: ?Sized> RwLock<T> {
    fn object(&self) -> Object {
        Object::new("rwlock", self, Some(self.created))
    }

    /// Waits until nobody writes, and reads.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let free = || self.value.can_read();
        model::act_when("lock for reading", self.object(), &free, Location::caller());
        self.read_guard()
    }

    /// Waits until nobody reads or writes, and writes.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let free = || self.value.can_write();
        model::act_when("lock for writing", self.object(), &free, Location::caller());
        self.write_guard()
    }

    /// Reads if nobody writes.
    ///
    /// # Errors
    /// If somebody writes; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        self.try_read_at(Location::caller())
    }

    fn try_read_at(&self, at: &'static Location<'static>) -> TryLockResult<RwLockReadGuard<'_, T>> {
        if !self.try_for("try to lock for reading", &|| self.value.can_read(), at) {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.read_guard()?)
    }

    /// Writes if nobody reads or writes.
    ///
    /// # Errors
    /// If somebody does; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        if !self.try_for("try to lock for writing", &|| self.value.can_write(), at) {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.write_guard()?)
    }

    fn try_for(
        &self,
        action: &'static str,
        free: &dyn Fn() -> bool,
        at: &'static Location<'static>,
    ) -> bool {
        model::refine(Refinement::Locks);
        let cases = [Case {
            action,
            object: Some(self.object()),
            ready: Ready::When(free),
        }];
        let operation = Operation::new(&cases, at).or(Otherwise::GoOn);
        model::perform(&operation).is_some()
    }

    fn read_guard(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let guard = RwLockReadGuard {
            lock: self,
            value: self.value.read(),
        };
        result(guard, self.poisoned.get())
    }

    fn write_guard(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let guard = RwLockWriteGuard {
            lock: self,
            panicking: model::panicking(),
            value: self.value.write(),
        };
        result(guard, self.poisoned.get())
    }

    /// Whether a thread panicked while it wrote.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        self.look("look for poison");
        self.poisoned.get()
    }

    /// Forgets that a thread panicked while it wrote.
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
    /// The value too, if the lock is poisoned.
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

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> RwLock<T> {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RwLock");
        match self.try_read_at(model::showing()) {
            Ok(guard) => debug.field("data", &&*guard),
            Err(TryLockError::Poisoned(error)) => debug.field("data", &&**error.get_ref()),
            Err(TryLockError::WouldBlock) => debug.field("data", &format_args!("<locked>")),
        };
        debug.field("poisoned", &self.poisoned.get());
        debug.finish_non_exhaustive()
    }
}

/// Reads until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    // Dropped after `drop` has run.
    value: TryRwLockRead<'a, T>,
}

/// Writes until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    /// Whether the thread was panicking when it took the lock.
    panicking: bool,
    // Dropped after `drop` has run.
    value: TryRwLockWrite<'a, T>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Goes on as a reader, and nobody writes in between.
    #[track_caller]
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        let lock = guard.lock;
        if model::refined(Refinement::Locks) {
            model::act("downgrade", Some(lock.object()), Location::caller());
        }
        let guard = ManuallyDrop::new(guard);
        // SAFETY: the guard is not used again.
        #[allow(unsafe_code, reason = "the part of what is not dropped")]
        let value = unsafe { std::ptr::read(&raw const guard.value) };
        RwLockReadGuard {
            lock,
            value: value.downgrade(),
        }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        if model::refined(Refinement::Locks) {
            model::act("unlock", Some(self.lock.object()), model::nowhere());
        }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        if model::refined(Refinement::Locks) {
            model::act("unlock", Some(self.lock.object()), model::nowhere());
        }
        if !self.panicking && model::panicking() {
            self.lock.poisoned.set(true);
        }
    }
}

macro_rules! guards {
    ($($guard:ident),*) => { $(
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.value
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(formatter)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(formatter)
            }
        }
    )* };
}

guards!(RwLockReadGuard, RwLockWriteGuard);

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
