//! A value that is made when first wanted, as `std::sync::LazyLock`.

use super::Once;
use outcomes_engine::model::{self, Object, Side, TryLock};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// A value that is made when first wanted.
pub struct LazyLock<T, F = fn() -> T> {
    once: Once,
    make: TryLock<Option<F>>,
    /// Set while `once` runs its initialiser.
    value: std::sync::OnceLock<T>,
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// A value to be made by `make`.
    #[track_caller]
    pub const fn new(make: F) -> LazyLock<T, F> {
        LazyLock {
            once: Once::new(),
            make: TryLock::new(Some(make)),
            value: std::sync::OnceLock::new(),
        }
    }

    /// The value, which is made now if need be.
    ///
    /// # Panics
    /// If making it panicked before.
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        this.value_at(Location::caller())
    }

    /// The value to change, which is made now if need be.
    ///
    /// # Panics
    /// If making it panicked before.
    #[track_caller]
    pub fn force_mut(this: &mut LazyLock<T, F>) -> &mut T {
        this.value_at(Location::caller());
        this.value.get_mut().expect("just made")
    }

    fn value_at(&self, at: &'static Location<'static>) -> &T {
        // Once done, it is so for good.
        if self.once.is_done() {
            model::acquire(self.object().address, Side::Only);
        } else {
            self.once.call(self.object(), at, true, |state| {
                assert!(
                    !state.is_poisoned(),
                    "{} instance has previously been poisoned",
                    // See `build.rs`.
                    if cfg!(names_lazy_locks) {
                        "LazyLock"
                    } else {
                        "Once"
                    }
                );
                let make = self.make.lock().take().expect("called once");
                assert!(self.value.set(make()).is_ok(), "nobody else sets it");
            });
        }
        self.value.get().expect("just made")
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        self.value_at(Location::caller())
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
    }
}

impl<T: RefUnwindSafe + UnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}
impl<T: UnwindSafe, F: UnwindSafe> UnwindSafe for LazyLock<T, F> {}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T, F> LazyLock<T, F> {
    /// The value, if it is made.
    #[track_caller]
    pub fn get(this: &LazyLock<T, F>) -> Option<&T> {
        model::look("get", this.object(), Location::caller());
        this.once.is_done().then(|| this.value.get()).flatten()
    }

    /// The value, if it is made, to change.
    pub fn get_mut(this: &mut LazyLock<T, F>) -> Option<&mut T> {
        this.value.get_mut()
    }

    fn object(&self) -> Object {
        Object::new("lazy lock", self, Some(self.once.created()))
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::look("look", self.object(), model::showing());
        let mut debug = formatter.debug_tuple("LazyLock");
        match self.value.get().filter(|_| self.once.is_done()) {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}
