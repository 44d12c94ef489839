//! Safe shared mutable memory for look-alikes.

use std::cell::UnsafeCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// A lock that never waits: whoever uses it knows that it is free, since one
/// modelled thread runs at a time.
pub struct TryLock<T: ?Sized> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through a guard, of which there is one at
// a time; handing it from thread to thread needs `T: Send`.
unsafe impl<T: ?Sized + Send> Sync for TryLock<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Send for TryLock<T> {}

impl<T> TryLock<T> {
    /// A free lock.
    pub const fn new(value: T) -> TryLock<T> {
        TryLock {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> TryLock<T> {
    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<TryLockGuard<'_, T>> {
        if self.held.swap(true, Ordering::Acquire) {
            return None;
        }
        Some(TryLockGuard { lock: self })
    }

    /// Whether somebody holds it.
    pub fn is_locked(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// Takes the lock.
    ///
    /// # Panics
    /// If it is not free.
    pub fn lock(&self) -> TryLockGuard<'_, T> {
        self.try_lock().expect("nobody else runs")
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// Access to a [`TryLock`]'s value.
pub struct TryLockGuard<'a, T: ?Sized> {
    lock: &'a TryLock<T>,
}

// SAFETY: a guard is a reference to the value.
unsafe impl<T: ?Sized + Sync> Sync for TryLockGuard<'_, T> {}

impl<T: ?Sized> fmt::Debug for TryLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TryLock { .. }")
    }
}

impl<T: ?Sized> Deref for TryLockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard is the only one.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for TryLockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard is the only one.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for TryLockGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.held.store(false, Ordering::Release);
    }
}

/// Small state of a look-alike, such as a flag or a count: read and replaced
/// whole.
pub struct Shared<T>(TryLock<T>);

impl<T: Copy> Shared<T> {
    /// A cell with this value.
    pub const fn new(value: T) -> Shared<T> {
        Shared(TryLock::new(value))
    }

    /// The value.
    pub fn get(&self) -> T {
        *self.0.lock()
    }

    /// Replaces the value, and returns what it was.
    pub fn set(&self, value: T) -> T {
        std::mem::replace(&mut *self.0.lock(), value)
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shared { .. }")
    }
}

/// As [`TryLock`], for many readers or one writer.
pub struct TryRwLock<T: ?Sized> {
    /// How many read; [`WRITTEN`] while somebody writes.
    readers: Shared<usize>,
    value: UnsafeCell<T>,
}

const WRITTEN: usize = usize::MAX;

// SAFETY: the value is only reached through guards, of which there is one, or
// any number that only read; that needs `T: Send + Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for TryRwLock<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Send for TryRwLock<T> {}

impl<T> TryRwLock<T> {
    /// A free lock.
    pub const fn new(value: T) -> TryRwLock<T> {
        TryRwLock {
            readers: Shared::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> TryRwLock<T> {
    /// Whether nobody writes.
    pub fn can_read(&self) -> bool {
        self.readers.get() != WRITTEN
    }

    /// Whether nobody reads or writes.
    pub fn can_write(&self) -> bool {
        self.readers.get() == 0
    }

    /// Reads.
    ///
    /// # Panics
    /// If somebody writes.
    pub fn read(&self) -> TryRwLockRead<'_, T> {
        let mut readers = self.readers.0.lock();
        assert!(*readers < WRITTEN - 1, "nobody writes");
        *readers += 1;
        TryRwLockRead { lock: self }
    }

    /// Writes.
    ///
    /// # Panics
    /// If somebody reads or writes.
    pub fn write(&self) -> TryRwLockWrite<'_, T> {
        let mut readers = self.readers.0.lock();
        assert!(*readers == 0, "nobody reads or writes");
        *readers = WRITTEN;
        TryRwLockWrite { lock: self }
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// Reading access to a [`TryRwLock`]'s value.
pub struct TryRwLockRead<'a, T: ?Sized> {
    lock: &'a TryRwLock<T>,
}

/// Writing access to a [`TryRwLock`]'s value.
pub struct TryRwLockWrite<'a, T: ?Sized> {
    lock: &'a TryRwLock<T>,
}

impl<'a, T: ?Sized> TryRwLockWrite<'a, T> {
    /// Reads from now on.
    pub fn downgrade(self) -> TryRwLockRead<'a, T> {
        let lock = self.lock;
        std::mem::forget(self);
        lock.readers.set(1);
        TryRwLockRead { lock }
    }
}

impl<T: ?Sized> Deref for TryRwLockRead<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: nobody writes as long as the guard counts.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Deref for TryRwLockWrite<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard is the only one.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for TryRwLockWrite<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard is the only one.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for TryRwLockRead<'_, T> {
    fn drop(&mut self) {
        *self.lock.readers.0.lock() -= 1;
    }
}

impl<T: ?Sized> Drop for TryRwLockWrite<'_, T> {
    fn drop(&mut self) {
        self.lock.readers.set(0);
    }
}
