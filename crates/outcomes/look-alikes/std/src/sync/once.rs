//! Doing something once, as `std::sync::Once`.

use outcomes_engine::model::{self, Object, Shared, Side};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// Lets something be done once, by whoever comes first.
pub struct Once {
    created: &'static Location<'static>,
    progress: Shared<Progress>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    New,
    Running,
    Done,
    Poisoned,
}

impl UnwindSafe for Once {}
impl RefUnwindSafe for Once {}

/// What was there when an initialiser was called.
pub struct OnceState {
    poisoned: bool,
    /// As the original's, it can't be shared.
    not_sync: PhantomData<Cell<()>>,
}

impl fmt::Debug for OnceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("OnceState");
        shown.field("poisoned", &self.poisoned).finish()
    }
}

impl OnceState {
    /// Whether an earlier initialiser panicked.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

/// Marks the outcome when the initialiser returns or panics.
struct Completion<'a> {
    once: &'a Once,
    object: Object,
    outcome: Progress,
}

impl Drop for Completion<'_> {
    fn drop(&mut self) {
        model::act("complete", Some(self.object), model::nowhere());
        self.once.progress.set(self.outcome);
        model::release(self.object.address, Side::Only);
    }
}

impl Once {
    /// Nothing has been done.
    #[track_caller]
    pub const fn new() -> Once {
        Once {
            created: Location::caller(),
            progress: Shared::new(Progress::New),
        }
    }

    fn object(&self) -> Object {
        Object::new("once", self, Some(self.created))
    }

    /// Runs `initialise` if nobody has, and waits until somebody has.
    ///
    /// # Panics
    /// If an earlier initialiser panicked.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, initialise: F) {
        self.call(self.object(), Location::caller(), false, |_| initialise());
    }

    /// The same, even if an earlier initialiser panicked.
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, initialise: F) {
        self.call(self.object(), Location::caller(), true, initialise);
    }

    /// The same for an object of which this is a part.
    pub(super) fn call<F: FnOnce(&OnceState)>(
        &self,
        object: Object,
        at: &'static Location<'static>,
        force: bool,
        initialise: F,
    ) {
        let free = || self.progress.get() != Progress::Running;
        model::act_when("initialise", object, &free, at);
        model::acquire(object.address, Side::Only);
        let poisoned = match self.progress.get() {
            Progress::Done => return,
            Progress::Poisoned if !force => {
                panic!("Once instance has previously been poisoned")
            }
            progress => progress == Progress::Poisoned,
        };
        self.progress.set(Progress::Running);
        let mut completion = Completion {
            once: self,
            object,
            outcome: Progress::Poisoned,
        };
        initialise(&OnceState {
            poisoned,
            not_sync: PhantomData,
        });
        completion.outcome = Progress::Done;
    }

    /// Whether an initialiser has returned, for whoever can't be told
    /// otherwise by another thread.
    pub(super) fn is_done(&self) -> bool {
        self.progress.get() == Progress::Done
    }

    pub(super) fn created(&self) -> &'static Location<'static> {
        self.created
    }

    /// Whether an initialiser has returned.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        model::look(
            "ask whether it is complete",
            self.object(),
            Location::caller(),
        );
        self.progress.get() == Progress::Done
    }

    /// Waits until somebody has initialised it.
    ///
    /// # Panics
    /// If an initialiser panicked.
    #[track_caller]
    pub fn wait(&self) {
        let at = Location::caller();
        self.wait_for(&[Progress::Done, Progress::Poisoned], at);
        assert!(
            self.progress.get() == Progress::Done,
            "Once instance has previously been poisoned"
        );
    }

    /// The same, even if an initialiser panicked: until one has not.
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait_for(&[Progress::Done], Location::caller());
    }

    fn wait_for(&self, wanted: &[Progress], at: &'static Location<'static>) {
        let there = || wanted.contains(&self.progress.get());
        model::act_when("wait for it to be complete", self.object(), &there, at);
        model::acquire(self.object().address, Side::Only);
    }
}

/// Nothing has been done.
#[deprecated(since = "1.38.0", note = "the `Once::new()` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "the original has it")]
pub const ONCE_INIT: Once = Once::new();

impl Default for Once {
    #[track_caller]
    fn default() -> Once {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Once").finish_non_exhaustive()
    }
}
