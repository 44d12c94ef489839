//! A value that is set once, as `std::sync::OnceLock`.

use super::Once;
use outcomes_engine::model::{self, Object, Side};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// A value that is set once, by whoever comes first.
pub struct OnceLock<T> {
    once: Once,
    /// Set while `once` runs its initialiser.
    value: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// Without a value.
    #[track_caller]
    pub const fn new() -> OnceLock<T> {
        OnceLock {
            once: Once::new(),
            value: std::sync::OnceLock::new(),
        }
    }

    fn object(&self) -> Object {
        Object::new("once lock", self, Some(self.once.created()))
    }

    /// The value, if it is set.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        self.get_at(Location::caller())
    }

    fn get_at(&self, at: &'static Location<'static>) -> Option<&T> {
        model::look("get", self.object(), at);
        self.once.is_done().then(|| self.value.get()).flatten()
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Sets the value.
    ///
    /// # Errors
    /// Gives it back if there is one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.initialise(Location::caller(), || value.take().expect("called once"));
        value.map_or(Ok(()), Err)
    }

    /// The value, which is made now if need be.
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, make: F) -> &T {
        self.initialise(Location::caller(), make);
        self.value.get().expect("just initialised")
    }

    /// Waits until somebody has set the value.
    #[track_caller]
    pub fn wait(&self) -> &T {
        // A panic while it is made leaves it as it was.
        let done = || self.once.is_done();
        let at = Location::caller();
        model::act_when("wait for it to be set", self.object(), &done, at);
        model::acquire(self.object().address, Side::Only);
        self.value.get().expect("it is set")
    }

    fn initialise(&self, at: &'static Location<'static>, make: impl FnOnce() -> T) {
        // Once done, it is so for good.
        if self.once.is_done() {
            model::acquire(self.object().address, Side::Only);
            return;
        }
        self.once.call(self.object(), at, true, |_| {
            let value = make();
            assert!(self.value.set(value).is_ok(), "nobody else sets it");
        });
    }

    /// The value, if it is set.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// The value, if it is set, leaving none.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> OnceLock<T> {
        let copy = OnceLock::new();
        if let Some(value) = self.get() {
            assert!(copy.set(value.clone()).is_ok(), "it is new");
        }
        copy
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[track_caller]
    fn eq(&self, other: &OnceLock<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: RefUnwindSafe + UnwindSafe> RefUnwindSafe for OnceLock<T> {}
impl<T: UnwindSafe> UnwindSafe for OnceLock<T> {}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> OnceLock<T> {
        let lock = OnceLock::new();
        assert!(lock.set(value).is_ok(), "it is new");
        lock
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_tuple("OnceLock");
        match self.get_at(model::showing()) {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}
