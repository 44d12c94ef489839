//! A lock for many readers or one writer, as `std::sync::RwLock`.
//!
//! Whether a writer who waits for readers to leave holds back new readers is
//! up to the original's platform, so both may happen.

use super::{LockResult, PoisonError, TryLockError, TryLockResult};
use outcomes_engine::model::{
    self, Case, Object, Operation, Otherwise, Ready, Refinement, Shared, TryRwLock, TryRwLockRead,
    TryRwLockWrite,
};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// What a writer waits to do.
const WRITE: &str = "lock for writing";

/// What a reader waits to do.
const READ: &str = "lock for reading";

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

    /// In two cases: nobody has the lock, or others read. A writer who waits
    /// may hold back who comes now.
    fn reading<'a>(
        &self,
        action: &'static str,
        free: Ready<'a>,
        read: &'a dyn Fn() -> bool,
    ) -> [Case<'a>; 2] {
        let case = |ready| Case {
            action,
            object: Some(self.object()),
            ready,
        };
        [case(free), case(Ready::UnlessAwaited(read, &[WRITE]))]
    }

    fn is_read(&self) -> bool {
        self.value.can_read() && !self.value.can_write()
    }

    /// Waits until nobody writes, and reads. While others read and a writer
    /// waits, it may wait until that one is through.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let (free, read) = (|| self.value.can_write(), || self.is_read());
        let cases = self.reading(READ, Ready::When(&free), &read);
        model::perform(&Operation::new(&cases, Location::caller()));
        self.read_guard(Location::caller())
    }

    /// Waits until nobody reads or writes, and writes.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let free = || self.value.can_write();
        model::act_when(WRITE, self.object(), &free, Location::caller());
        self.write_guard(Location::caller())
    }

    /// Reads if nobody writes, nor holds back readers by waiting to.
    ///
    /// # Errors
    /// If somebody does; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        self.try_read_at(Location::caller())
    }

    fn try_read_at(&self, at: &'static Location<'static>) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let (free, read) = (|| self.value.can_write(), || self.is_read());
        // Once a lock is let go of, a writer may be about to take it before
        // the readers who waited with him.
        let free = Ready::UnlessAwaited(&free, &[WRITE, READ]);
        let cases = self.reading("try to lock for reading", free, &read);
        if !try_any(&cases, at) {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.read_guard(Location::caller())?)
    }

    /// Writes if nobody reads or writes.
    ///
    /// # Errors
    /// If somebody does; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let free = || self.value.can_write();
        let case = Case {
            action: "try to lock for writing",
            object: Some(self.object()),
            ready: Ready::When(&free),
        };
        if !try_any(&[case], Location::caller()) {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.write_guard(Location::caller())?)
    }

    fn read_guard(&self, at: &'static Location<'static>) -> LockResult<RwLockReadGuard<'_, T>> {
        let guard = RwLockReadGuard {
            lock: self,
            value: self.value.read(),
            stays: PhantomData,
        };
        model::holding(self.object(), "reading", at);
        result(guard, self.poisoned.get())
    }

    fn write_guard(&self, at: &'static Location<'static>) -> LockResult<RwLockWriteGuard<'_, T>> {
        let guard = RwLockWriteGuard {
            lock: self,
            panicking: model::panicking(),
            value: self.value.write(),
            stays: PhantomData,
        };
        model::holding(self.object(), "writing", at);
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

/// Whether one of the cases could be taken without waiting.
fn try_any(cases: &[Case<'_>], at: &'static Location<'static>) -> bool {
    model::refine(Refinement::Locks);
    let operation = Operation::new(cases, at).or(Otherwise::GoOn);
    model::perform(&operation).is_some()
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
    /// With the thread that locked, as the original.
    stays: PhantomData<std::sync::RwLockReadGuard<'static, ()>>,
}

/// Writes until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    /// Whether the thread was panicking when it took the lock.
    panicking: bool,
    // Dropped after `drop` has run.
    value: TryRwLockWrite<'a, T>,
    /// With the thread that locked, as the original.
    stays: PhantomData<std::sync::RwLockWriteGuard<'static, ()>>,
}

#[allow(unsafe_code, reason = "a guard holds more than a reference")]
// SAFETY: as with the original: all that a shared guard gives is a shared value.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
#[allow(unsafe_code, reason = "a guard holds more than a reference")]
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<T: ?Sized + RefUnwindSafe> UnwindSafe for RwLockReadGuard<'_, T> {}
impl<T: ?Sized + RefUnwindSafe> RefUnwindSafe for RwLockReadGuard<'_, T> {}
impl<T: ?Sized> UnwindSafe for RwLockWriteGuard<'_, T> {}
impl<T: ?Sized> RefUnwindSafe for RwLockWriteGuard<'_, T> {}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        if model::gives_up(Refinement::Locks) {
            model::act("unlock", Some(self.lock.object()), model::nowhere());
        }
        model::gave_back(self.lock.object(), "reading");
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        if model::gives_up(Refinement::Locks) {
            model::act("unlock", Some(self.lock.object()), model::nowhere());
        }
        if !self.panicking && model::panicking() {
            self.lock.poisoned.set(true);
        }
        model::gave_back(self.lock.object(), "writing");
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Reads from now on, without anybody writing in between.
    #[allow(unsafe_code)]
    #[track_caller]
    pub fn downgrade(this: RwLockWriteGuard<'a, T>) -> RwLockReadGuard<'a, T> {
        if model::refined(Refinement::Locks) {
            model::act("downgrade", Some(this.lock.object()), model::nowhere());
        }
        let this = ManuallyDrop::new(this);
        model::gave_back(this.lock.object(), "writing");
        model::holding(this.lock.object(), "reading", Location::caller());
        RwLockReadGuard {
            lock: this.lock,
            // SAFETY: it is neither used nor dropped again.
            value: unsafe { std::ptr::read(&this.value) }.downgrade(),
            stays: PhantomData,
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
