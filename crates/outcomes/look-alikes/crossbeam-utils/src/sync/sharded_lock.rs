//! A lock that is quick to read, as `crossbeam_utils::sync::ShardedLock`: but
//! for the time that it takes it is std's `RwLock`.

use outcomes_std::sync::{
    LockResult, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult,
};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// Lets many readers or one writer at a value.
pub struct ShardedLock<T: ?Sized>(RwLock<T>);

/// Reads until it is dropped.
#[must_use = "if unused the ShardedLock will immediately unlock"]
pub struct ShardedLockReadGuard<'a, T: ?Sized>(RwLockReadGuard<'a, T>, &'a ShardedLock<T>);

/// Writes until it is dropped.
#[must_use = "if unused the ShardedLock will immediately unlock"]
pub struct ShardedLockWriteGuard<'a, T: ?Sized>(RwLockWriteGuard<'a, T>, &'a ShardedLock<T>);

/// A guard in another, poisoned or not.
#[allow(unsafe_code, reason = "a guard holds more than a reference")]
// SAFETY: as with the original: all that a shared guard gives is a shared value.
unsafe impl<T: ?Sized + Sync> Sync for ShardedLockReadGuard<'_, T> {}
#[allow(unsafe_code, reason = "a guard holds more than a reference")]
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for ShardedLockWriteGuard<'_, T> {}

fn wrap<G, W>(guard: LockResult<G>, wrap: impl FnOnce(G) -> W) -> LockResult<W> {
    match guard {
        Ok(guard) => Ok(wrap(guard)),
        Err(error) => Err(PoisonError::new(wrap(error.into_inner()))),
    }
}

fn try_wrap<G, W>(guard: TryLockResult<G>, wrap: impl FnOnce(G) -> W) -> TryLockResult<W> {
    match guard {
        Ok(guard) => Ok(wrap(guard)),
        Err(TryLockError::Poisoned(error)) => {
            Err(PoisonError::new(wrap(error.into_inner())).into())
        }
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}

impl<T> ShardedLock<T> {
    /// A lock that nobody holds.
    #[track_caller]
    pub fn new(value: T) -> ShardedLock<T> {
        ShardedLock(RwLock::new(value))
    }

    /// The value.
    ///
    /// # Errors
    /// The value too, if the lock is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        self.0.into_inner()
    }
}

impl<T: ?Sized> ShardedLock<T> {
    /// Whether a thread panicked while it wrote.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        self.0.is_poisoned()
    }

    /// The value, which nobody else can reach.
    ///
    /// # Errors
    /// The value too, if the lock is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.0.get_mut()
    }

    /// Reads if nobody writes.
    ///
    /// # Errors
    /// If somebody writes; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<ShardedLockReadGuard<'_, T>> {
        try_wrap(self.0.try_read(), |guard| ShardedLockReadGuard(guard, self))
    }

    /// Waits until nobody writes, and reads.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn read(&self) -> LockResult<ShardedLockReadGuard<'_, T>> {
        wrap(self.0.read(), |guard| ShardedLockReadGuard(guard, self))
    }

    /// Writes if nobody reads or writes.
    ///
    /// # Errors
    /// If somebody does; or the guard, if the lock is poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<ShardedLockWriteGuard<'_, T>> {
        try_wrap(self.0.try_write(), |guard| {
            ShardedLockWriteGuard(guard, self)
        })
    }

    /// Waits until nobody reads or writes, and writes.
    ///
    /// # Errors
    /// The guard too, if a thread panicked while it wrote.
    #[track_caller]
    pub fn write(&self) -> LockResult<ShardedLockWriteGuard<'_, T>> {
        wrap(self.0.write(), |guard| ShardedLockWriteGuard(guard, self))
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ShardedLock<T> {
    #[track_caller]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("ShardedLock");
        match self.try_read() {
            Ok(guard) => debug.field("data", &&*guard),
            Err(TryLockError::Poisoned(error)) => debug.field("data", &&**error.get_ref()),
            Err(TryLockError::WouldBlock) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

impl<T: Default> Default for ShardedLock<T> {
    #[track_caller]
    fn default() -> ShardedLock<T> {
        ShardedLock::new(T::default())
    }
}

impl<T> From<T> for ShardedLock<T> {
    #[track_caller]
    fn from(value: T) -> ShardedLock<T> {
        ShardedLock::new(value)
    }
}

macro_rules! guards {
    ($($guard:ident),*) => { $(
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($guard))
                    .field("lock", self.1)
                    .finish()
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(formatter)
            }
        }
    )* };
}

guards!(ShardedLockReadGuard, ShardedLockWriteGuard);

impl<T: ?Sized> DerefMut for ShardedLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
