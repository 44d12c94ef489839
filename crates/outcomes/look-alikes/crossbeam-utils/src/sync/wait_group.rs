//! Waiting until all of a group are done, as `crossbeam_utils::sync::WaitGroup`.

use outcomes_engine::model::{self, Object, Refinement, Shared, Side};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// Lets threads wait until all clones are dropped or wait too.
pub struct WaitGroup {
    inner: Arc<Inner>,
}

impl UnwindSafe for WaitGroup {}
impl RefUnwindSafe for WaitGroup {}

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
        let done = || inner.count.get() == 0;
        let at = Location::caller();
        model::wait_until("wait for the group", inner.object(), &done, at);
        model::acquire(inner.object().address, Side::Only);
    }
}

impl Default for WaitGroup {
    #[track_caller]
    fn default() -> WaitGroup {
        WaitGroup::new()
    }
}

impl Inner {
    fn object(&self) -> Object {
        Object {
            kind: "wait group",
            address: std::ptr::from_ref(self).cast(),
            size: 0,
            created: Some(self.created),
        }
    }

    /// Whoever only waits for the group doesn't notice when another joins or
    /// leaves it, so that needs an operation only for those who look.
    fn change(&self, action: &'static str) {
        if model::is_modelled() && model::gives_up(Refinement::Counts) {
            model::act(action, Some(self.object()), model::nowhere());
        }
    }
}

impl Drop for WaitGroup {
    fn drop(&mut self) {
        self.inner.change("leave the group");
        self.inner.count.set(self.inner.count.get() - 1);
        model::release(self.inner.object().address, Side::Only);
    }
}

impl Clone for WaitGroup {
    fn clone(&self) -> WaitGroup {
        self.inner.change("join the group");
        self.inner.count.set(self.inner.count.get() + 1);
        WaitGroup {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::refine(Refinement::Counts);
        model::look("count the group", self.inner.object(), model::showing());
        formatter
            .debug_struct("WaitGroup")
            .field("count", &self.inner.count.get())
            .finish()
    }
}
