//! What each modelled thread has of its own.

use crate::thread::handle::Thread;
use outcomes_engine::model;
use std::any::Any;
use std::cell::{RefCell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
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
    value: Option<Rc<dyn Drops>>,
    /// Whether dropping it does anything. Else it stays while others are
    /// dropped, which may use it.
    needs_drop: bool,
}

/// A value that is dropped before those who refer to it let go: a thread that
/// ends the process while it uses the value never comes back to it.
pub(crate) struct Slot<T>(UnsafeCell<ManuallyDrop<T>>);

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Slot<T> {
        Slot(UnsafeCell::new(ManuallyDrop::new(value)))
    }

    pub(crate) fn get(&self) -> &T {
        // SAFETY: it is only changed when it is dropped, see there.
        unsafe { &*self.0.get() }
    }
}

trait Drops: Any {
    /// Drops the value.
    ///
    /// # Safety
    /// To be called once, and nobody must look at the value again.
    unsafe fn drop_value(&self);
}

impl<T: 'static> Drops for Slot<T> {
    unsafe fn drop_value(&self) {
        // SAFETY: the caller's.
        unsafe { ManuallyDrop::drop(&mut *self.0.get()) };
    }
}

/// What a thread has of a key.
pub(crate) enum Local<T> {
    /// Nothing yet.
    Unmade,
    /// This value.
    Made(Rc<Slot<T>>),
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
    pub(crate) fn get<T: 'static>(&self, key: usize) -> Local<T> {
        let values = self.values.borrow();
        match values.iter().find(|value| value.key == key) {
            None => Local::Unmade,
            Some(Value { value: None, .. }) => Local::Dropped,
            Some(Value {
                value: Some(value), ..
            }) => {
                let value: Rc<dyn Any> = Rc::clone(value) as _;
                Local::Made(value.downcast().expect("a key has one type"))
            }
        }
    }

    pub(crate) fn insert<T: 'static>(&self, key: usize, value: Rc<Slot<T>>) {
        self.values.borrow_mut().push(Value {
            key,
            value: Some(value),
            needs_drop: std::mem::needs_drop::<T>(),
        });
    }

    /// The value that is to be dropped next.
    fn take_last(&self) -> Option<Rc<dyn Drops>> {
        let mut values = self.values.borrow_mut();
        let mut left = values.iter_mut().rev().filter(|value| value.needs_drop);
        left.find_map(|value| value.value.take())
    }
}

impl model::Locals for Locals {
    fn need_drop(&self) -> bool {
        let values = self.values.borrow();
        values
            .iter()
            .any(|value| value.needs_drop && value.value.is_some())
    }

    /// Those made last first, as long as there are any.
    fn drop_all(&self) {
        while let Some(value) = self.take_last() {
            // SAFETY: it was taken, so nobody finds it any more, and the
            // thread, which is ending, doesn't come back to where it used it.
            let dropped = AssertUnwindSafe(|| unsafe { value.drop_value() });
            if let Err(payload) = crate::panic::catch_unwind(dropped) {
                std::mem::forget(payload);
                model::fatal("thread local panicked on drop");
            }
        }
        *self.values.borrow_mut() = Vec::new();
    }
}

/// Runs `run` on the calling thread's own data.
pub(crate) fn with<R>(run: impl FnOnce(&Locals) -> R) -> R {
    model::with_locals(|locals| {
        let locals: &dyn Any = locals;
        run(locals
            .downcast_ref()
            .expect("the program was started by this library"))
    })
}
