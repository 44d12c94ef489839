//! Waiting until all of a group are done, as `crossbeam_utils::sync::WaitGroup`.

use outcomes::model::{self, Object, Shared};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// Lets threads wait until all clones are dropped or wait too.
pub struct WaitGroup {
    inner: Arc<Inner>,
}

struct Inner {
    created: &'static Location<'static>,
    count: Shared<usize>,
}

impl WaitGroup {
    /// A group of one.
    #[track_caller]
    pub fn new() -> WaitGroup {
        WaitGroup {
            inner: Arc::new(Inner {
                created: Location::caller(),
                count: Shared::new(1),
            }),
        }
    }

    /// Leaves the group, and waits until all others have.
    #[track_caller]
    pub fn wait(self) {
        let inner = Arc::clone(&self.inner);
        drop(self);
        let object = Object {
            kind: "wait group",
            address: Arc::as_ptr(&inner).cast(),
            size: 0,
            created: Some(inner.created),
        };
        let done = || inner.count.get() == 0;
        model::wait_until("wait for the group", object, &done, Location::caller());
    }
}

impl Default for WaitGroup {
    #[track_caller]
    fn default() -> WaitGroup {
        WaitGroup::new()
    }
}

impl Drop for WaitGroup {
    // Whoever notices this only waits for it, so it needs no operation.
    fn drop(&mut self) {
        self.inner.count.set(self.inner.count.get() - 1);
    }
}

impl Clone for WaitGroup {
    fn clone(&self) -> WaitGroup {
        self.inner.count.set(self.inner.count.get() + 1);
        WaitGroup {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WaitGroup")
            .field("count", &self.inner.count.get())
            .finish()
    }
}
