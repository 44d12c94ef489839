//! Putting a thread to sleep, as `crossbeam_utils::sync::Parker`.

use outcomes_engine::model::{self, Case, Object, Operation, Otherwise, Ready, Shared, Side};
use outcomes_std::time::{Duration, Instant};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// Lets a thread wait for a token.
pub struct Parker {
    unparker: Unparker,
    /// As the original's, it can't be shared.
    not_sync: PhantomData<Cell<()>>,
}

/// Gives a [`Parker`] its token.
#[derive(Clone)]
pub struct Unparker {
    inner: Arc<Inner>,
}

impl UnwindSafe for Parker {}
impl RefUnwindSafe for Parker {}
impl UnwindSafe for Unparker {}
impl RefUnwindSafe for Unparker {}

struct Inner {
    created: &'static Location<'static>,
    token: Shared<bool>,
}

impl Unparker {
    fn object(&self) -> Object {
        Object {
            kind: "parker",
            address: Arc::as_ptr(&self.inner).cast(),
            size: 0,
            created: Some(self.inner.created),
        }
    }

    /// Gives the token, if it isn't there already.
    #[track_caller]
    pub fn unpark(&self) {
        model::act("unpark", Some(self.object()), Location::caller());
        self.inner.token.set(true);
        model::release(self.object().address, Side::Only);
    }
}

impl Parker {
    /// Without a token.
    #[track_caller]
    pub fn new() -> Parker {
        Parker {
            unparker: Unparker {
                inner: Arc::new(Inner {
                    created: Location::caller(),
                    token: Shared::new(false),
                }),
            },
            not_sync: PhantomData,
        }
    }

    fn wait(&self, otherwise: Otherwise, at: &'static Location<'static>) {
        let token = &self.unparker.inner.token;
        let given = || token.get();
        let cases = [Case {
            action: "park",
            object: Some(self.unparker.object()),
            ready: Ready::When(&given),
        }];
        if model::perform(&Operation::new(&cases, at).or(otherwise)).is_some() {
            model::acquire(self.unparker.object().address, Side::Only);
        }
        token.set(false);
    }

    /// Waits for the token and takes it. Other than `std::thread::park`, it never
    /// goes on for no reason.
    #[track_caller]
    pub fn park(&self) {
        self.wait(Otherwise::Block, Location::caller());
    }

    /// Waits for the token, for this long at most.
    #[track_caller]
    pub fn park_timeout(&self, timeout: Duration) {
        self.wait(Otherwise::TimeOut(timeout), Location::caller());
    }

    /// Waits for the token, up to this moment.
    #[track_caller]
    pub fn park_deadline(&self, deadline: Instant) {
        let now = model::now().unwrap_or_default();
        let left = deadline.since_start().saturating_sub(now);
        self.wait(Otherwise::TimeOut(left), Location::caller());
    }

    /// What gives it the token.
    pub fn unparker(&self) -> &Unparker {
        &self.unparker
    }
}

impl Default for Parker {
    #[track_caller]
    fn default() -> Parker {
        Parker::new()
    }
}

impl fmt::Debug for Parker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Parker { .. }")
    }
}

impl fmt::Debug for Unparker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Unparker { .. }")
    }
}
