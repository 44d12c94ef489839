//! What each modelled thread has of its own.

use crate::thread::handle::Thread;
use outcomes::model;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A thread's own data, made when it starts.
pub(crate) struct Locals {
    /// Its handle.
    pub(crate) thread: Thread,
    /// In the order in which they were made.
    values: RefCell<Vec<Value>>,
}

/// The value of a thread-local key.
struct Value {
    /// The key's address.
    key: usize,
    /// None while it is dropped, and from then on.
    value: Option<Rc<dyn Any>>,
    /// Whether dropping it does anything. Else it stays while others are
    /// dropped, which may use it.
    needs_drop: bool,
}

/// What a thread has of a key.
pub(crate) enum Local {
    /// Nothing yet.
    Unmade,
    /// This value.
    Made(Rc<dyn Any>),
    /// None any more.
    Dropped,
}

impl Locals {
    pub(crate) fn new(thread: Thread) -> Locals {
        Locals {
            thread,
            values: RefCell::new(Vec::new()),
        }
    }

    /// For the main thread.
    pub(crate) fn of_main() -> Locals {
        Locals::new(Thread::main())
    }

    /// What the calling thread has of a key.
    pub(crate) fn get(&self, key: usize) -> Local {
        let values = self.values.borrow();
        match values.iter().find(|value| value.key == key) {
            None => Local::Unmade,
            Some(Value { value: None, .. }) => Local::Dropped,
            Some(Value {
                value: Some(value), ..
            }) => Local::Made(Rc::clone(value)),
        }
    }

    pub(crate) fn insert<T: 'static>(&self, key: usize, value: Rc<T>) {
        self.values.borrow_mut().push(Value {
            key,
            value: Some(value),
            needs_drop: std::mem::needs_drop::<T>(),
        });
    }

    /// Drops all values, those made last first, as long as there are any.
    pub(crate) fn drop_values(&self) {
        while let Some(value) = self.take_last() {
            drop(value);
        }
        *self.values.borrow_mut() = Vec::new();
    }

    /// The value that is to be dropped next.
    fn take_last(&self) -> Option<Rc<dyn Any>> {
        let mut values = self.values.borrow_mut();
        let mut left = values.iter_mut().rev().filter(|value| value.needs_drop);
        left.find_map(|value| value.value.take())
    }
}

/// Runs `run` on the calling thread's own data.
pub(crate) fn with<R>(run: impl FnOnce(&Locals) -> R) -> R {
    model::with_locals(|locals| {
        run(locals
            .downcast_ref()
            .expect("the program was started by this library"))
    })
}
