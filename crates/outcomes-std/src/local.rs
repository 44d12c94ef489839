//! What each modelled thread has of its own.

use crate::thread::Thread;
use outcomes::model;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A thread's own data, made when it starts.
pub(crate) struct Locals {
    /// Its handle.
    pub(crate) thread: Thread,
    /// Values of thread-local keys, by the key's address, in the order in
    /// which they were made.
    values: RefCell<Vec<(usize, Rc<dyn Any>)>>,
    /// Whether they have been dropped.
    gone: Cell<bool>,
}

impl Locals {
    pub(crate) fn new(thread: Thread) -> Locals {
        Locals {
            thread,
            values: RefCell::new(Vec::new()),
            gone: Cell::new(false),
        }
    }

    /// For the main thread.
    pub(crate) fn of_main() -> Locals {
        Locals::new(Thread::main())
    }

    /// The calling thread's value of a key, if it has one.
    pub(crate) fn get(&self, key: usize) -> Option<Rc<dyn Any>> {
        let values = self.values.borrow();
        let found = values.iter().find(|(other, _)| *other == key);
        found.map(|(_, value)| Rc::clone(value))
    }

    /// Whether the thread is past having any.
    pub(crate) fn gone(&self) -> bool {
        self.gone.get()
    }

    pub(crate) fn insert(&self, key: usize, value: Rc<dyn Any>) {
        self.values.borrow_mut().push((key, value));
    }

    /// Drops all values, those made last first, as long as there are any.
    pub(crate) fn drop_values(&self) {
        loop {
            let last = self.values.borrow_mut().pop();
            let Some((_, value)) = last else { break };
            drop(value);
        }
        self.gone.set(true);
        *self.values.borrow_mut() = Vec::new();
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
