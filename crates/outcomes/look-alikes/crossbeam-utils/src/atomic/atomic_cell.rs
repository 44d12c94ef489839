//! A cell that threads share, as `crossbeam_utils::atomic::AtomicCell`: loads
//! are acquire, stores are release, as documented.

use outcomes_engine::model::{self, Access, Case, Object, Operation, Ready, TryLock};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::atomic::Ordering;

/// A cell that threads share.
pub struct AtomicCell<T> {
    value: TryLock<T>,
}

impl<T> UnwindSafe for AtomicCell<T> {}
impl<T> RefUnwindSafe for AtomicCell<T> {}

/// How a value is read and replaced at once.
const CHANGE: Access = Access::Change(Ordering::AcqRel, Ordering::Acquire);

impl<T> AtomicCell<T> {
    /// A cell with this value.
    pub const fn new(value: T) -> AtomicCell<T> {
        AtomicCell {
            value: TryLock::new(value),
        }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Whether such a cell needs no lock, where there are atomics of up to 8
    /// bytes.
    pub const fn is_lock_free() -> bool {
        let size = size_of::<T>();
        size == 0 || matches!(size, 1 | 2 | 4 | 8) && align_of::<T>() >= size
    }

    #[track_caller]
    fn access(&self, action: &'static str, access: Access) {
        self.access_at(action, access, Location::caller());
    }

    fn access_at(&self, action: &'static str, access: Access, at: &'static Location<'static>) {
        let cases = [Case {
            action,
            object: Some(Object::new("atomic cell", self, None)),
            ready: Ready::Always,
        }];
        model::perform(&Operation::new(&cases, at).accessing(access));
    }

    /// Replaces the value, and returns what it was. What calls leave on the
    /// stack would tell of the past.
    fn replace(&self, value: T) -> T {
        model::swept(|| {
            model::note(|| model::show(&value));
            std::mem::replace(&mut *self.value.lock(), value)
        })
    }

    /// Replaces the value.
    #[track_caller]
    pub fn store(&self, value: T) {
        self.access("store", Access::Store(Ordering::Release));
        drop(self.replace(value));
    }

    /// Replaces the value, and returns what it was.
    #[track_caller]
    pub fn swap(&self, value: T) -> T {
        self.access("swap", CHANGE);
        self.replace(value)
    }

    /// Never gives a pointer to the value: the program is refused.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        model::refuse(
            "it reaches an atomic by a pointer, which goes past the engine",
            Location::caller(),
        )
    }
}

impl<T: Default> AtomicCell<T> {
    /// Takes the value, leaving the default.
    #[track_caller]
    pub fn take(&self) -> T {
        self.swap(T::default())
    }
}

impl<T: Copy> AtomicCell<T> {
    fn get(&self) -> T {
        model::swept(|| {
            let value = *self.value.lock();
            model::note(|| model::show(&value));
            value
        })
    }

    /// The value.
    #[track_caller]
    pub fn load(&self) -> T {
        self.access("load", Access::Load(Ordering::Acquire));
        self.get()
    }

    #[track_caller]
    fn change(&self, action: &'static str, change: impl FnOnce(T) -> T) -> T {
        self.access(action, CHANGE);
        let before = self.get();
        self.replace(change(before))
    }
}

impl<T: Copy + Eq> AtomicCell<T> {
    /// Replaces the value if it is `current`; returns what it was.
    #[track_caller]
    #[deprecated(note = "Use `compare_exchange` instead")]
    pub fn compare_and_swap(&self, current: T, new: T) -> T {
        match self.compare_exchange(current, new) {
            Ok(value) | Err(value) => value,
        }
    }

    /// Replaces the value if it is `current`.
    ///
    /// # Errors
    /// The value, if it is another.
    #[track_caller]
    pub fn compare_exchange(&self, current: T, new: T) -> Result<T, T> {
        self.access("compare and exchange", CHANGE);
        let before = self.get();
        if before == current {
            Ok(self.replace(new))
        } else {
            Err(before)
        }
    }

    /// Replaces the value by what `change` makes of it, if anything.
    ///
    /// # Errors
    /// The value, if nothing.
    #[track_caller]
    pub fn fetch_update<F>(&self, mut change: F) -> Result<T, T>
    where
        F: FnMut(T) -> Option<T>,
    {
        let mut value = self.load();
        while let Some(new) = change(value) {
            match self.compare_exchange(value, new) {
                Ok(value) => return Ok(value),
                Err(other) => value = other,
            }
        }
        Err(value)
    }
}

macro_rules! arithmetic {
    ($($kind:ty),*) => { $(
        impl AtomicCell<$kind> {
            /// Adds, wrapping around; returns what the value was.
            #[track_caller]
            pub fn fetch_add(&self, value: $kind) -> $kind {
                self.change("add", |old| old.wrapping_add(value))
            }

            /// Subtracts, wrapping around; returns what the value was.
            #[track_caller]
            pub fn fetch_sub(&self, value: $kind) -> $kind {
                self.change("subtract", |old| old.wrapping_sub(value))
            }

            /// The greater of both; returns what the value was.
            #[track_caller]
            pub fn fetch_max(&self, value: $kind) -> $kind {
                self.change("max", |old| old.max(value))
            }

            /// The lesser of both; returns what the value was.
            #[track_caller]
            pub fn fetch_min(&self, value: $kind) -> $kind {
                self.change("min", |old| old.min(value))
            }
        }
    )* };
}

macro_rules! logic {
    ($($kind:ty),*) => { $(
        impl AtomicCell<$kind> {
            /// And; returns what the value was.
            #[track_caller]
            pub fn fetch_and(&self, value: $kind) -> $kind {
                self.change("and", |old| old & value)
            }

            /// Not-and; returns what the value was.
            #[track_caller]
            pub fn fetch_nand(&self, value: $kind) -> $kind {
                self.change("nand", |old| !(old & value))
            }

            /// Or; returns what the value was.
            #[track_caller]
            pub fn fetch_or(&self, value: $kind) -> $kind {
                self.change("or", |old| old | value)
            }

            /// Exclusive or; returns what the value was.
            #[track_caller]
            pub fn fetch_xor(&self, value: $kind) -> $kind {
                self.change("xor", |old| old ^ value)
            }
        }
    )* };
}

arithmetic!(
    u8, i8, u16, i16, u32, i32, u64, i64, u128, i128, usize, isize
);
logic!(
    bool, u8, i8, u16, i16, u32, i32, u64, i64, u128, i128, usize, isize
);

impl<T: Default> Default for AtomicCell<T> {
    #[track_caller]
    fn default() -> AtomicCell<T> {
        AtomicCell::new(T::default())
    }
}

impl<T> From<T> for AtomicCell<T> {
    fn from(value: T) -> AtomicCell<T> {
        AtomicCell::new(value)
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for AtomicCell<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.access_at("load", Access::Load(Ordering::Acquire), model::showing());
        formatter
            .debug_struct("AtomicCell")
            .field("value", &self.get())
            .finish()
    }
}
