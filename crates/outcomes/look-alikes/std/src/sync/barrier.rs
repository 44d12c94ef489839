//! A meeting point, as `std::sync::Barrier`.

use outcomes_engine::model::{self, Object, Shared, Side};
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// Lets a number of threads wait for each other.
pub struct Barrier {
    created: &'static Location<'static>,
    size: usize,
    /// How many have come.
    count: Shared<usize>,
    /// How often it was complete.
    generation: Shared<usize>,
}

impl UnwindSafe for Barrier {}
impl RefUnwindSafe for Barrier {}

/// Whether a thread was the one that completed the barrier.
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether it was. True for one thread each time.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BarrierWaitResult")
            .field("is_leader", &self.0)
            .finish()
    }
}

impl Barrier {
    /// A barrier for this many threads.
    #[track_caller]
    pub const fn new(size: usize) -> Barrier {
        Barrier {
            created: Location::caller(),
            size,
            count: Shared::new(0),
            generation: Shared::new(0),
        }
    }

    fn object(&self) -> Object {
        Object::new("barrier", self, Some(self.created))
    }

    /// Waits until as many threads wait as the barrier is for.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let at = Location::caller();
        model::act("come to the barrier", Some(self.object()), at);
        let generation = self.generation.get();
        let count = self.count.get() + 1;
        let views = self.object().address;
        model::release(views, Side::Only);
        if count >= self.size {
            // All who came; those who come for the next time are none of them.
            model::acquire(views, Side::Only);
            model::release(views, Side::Shared);
            self.count.set(0);
            self.generation.set(generation.wrapping_add(1));
            return BarrierWaitResult(true);
        }
        self.count.set(count);
        let complete = || self.generation.get() != generation;
        model::wait_until("wait at the barrier", self.object(), &complete, at);
        model::acquire(views, Side::Shared);
        BarrierWaitResult(false)
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Barrier").finish_non_exhaustive()
    }
}
