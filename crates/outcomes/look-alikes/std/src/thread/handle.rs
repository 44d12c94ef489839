//! A thread's handle and its identity.

use outcomes_engine::model::{self, Object, Refinement, Shared, TryLock};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

/// A handle to a thread.
#[derive(Clone)]
pub struct Thread(pub(super) std::sync::Arc<Inner>);

impl UnwindSafe for Thread {}
impl RefUnwindSafe for Thread {}

pub(super) struct Inner {
    /// A single word, so that it is all written to where there is none.
    name: Option<std::sync::Arc<String>>,
    pub(super) id: Shared<Option<model::ThreadId>>,
    pub(super) number: Shared<usize>,
    /// Which thread it waits for the end of.
    pub(super) joins: TryLock<Option<Thread>>,
}

impl Thread {
    pub(crate) fn new(name: Option<std::sync::Arc<String>>, id: Option<model::ThreadId>) -> Thread {
        Thread(std::sync::Arc::new(Inner {
            name,
            id: Shared::new(id),
            number: Shared::new(1),
            joins: TryLock::new(None),
        }))
    }

    pub(crate) fn main() -> Thread {
        Thread::new(
            Some(std::sync::Arc::new("main".to_owned())),
            Some(model::current()),
        )
    }

    /// Whether it waits for the end of this thread, or of one that does, and
    /// so on. A thread is also taken to wait for itself.
    pub(super) fn joins(&self, thread: &Thread) -> bool {
        let mut next = self.clone();
        while !next.is(thread) {
            let joined = next.0.joins.lock().clone();
            match joined {
                Some(other) if !other.is(self) => next = other,
                _ => return false,
            }
        }
        true
    }

    fn is(&self, other: &Thread) -> bool {
        std::sync::Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn object(&self) -> Object {
        Object {
            kind: "park token",
            address: std::ptr::from_ref(&*self.0).cast(),
            size: 0,
            created: None,
        }
    }

    /// Its name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref().map(String::as_str)
    }

    /// Its identity.
    pub fn id(&self) -> ThreadId {
        ThreadId(self.0.number.get())
    }

    /// Lets it go on from [`park`](super::park), now or when it next comes there.
    #[track_caller]
    pub fn unpark(&self) {
        if let Some(id) = self.0.id.get() {
            model::unpark(id, self.object(), Location::caller());
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Thread")
            .field("id", &self.id())
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// The identity of a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ThreadId(usize);

impl Hash for ThreadId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        model::refine(Refinement::Numbers);
        (self.0 as u64).hash(state);
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::refine(Refinement::Numbers);
        // In the same pieces as the original: between them a line may be torn.
        formatter.debug_tuple("ThreadId").field(&self.0).finish()
    }
}
