//! Threads that may borrow, as `crossbeam_utils::thread`.

use outcomes_engine::model::TryLock;
use outcomes_std::sync::Arc;
use outcomes_std::thread;
use std::any::Any;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;

use crate::sync::WaitGroup;

/// A thread that is joined by its handle, or else by its scope.
type SharedHandle = Arc<TryLock<Option<thread::JoinHandle<()>>>>;

/// Runs `f`, then waits for the threads that it started in the scope.
///
/// # Errors
/// What the threads panicked with that were not joined by hand.
///
/// # Panics
/// If `f` does.
#[track_caller]
pub fn scope<'env, F, R>(f: F) -> thread::Result<R>
where
    F: FnOnce(&Scope<'env>) -> R,
{
    let group = WaitGroup::new();
    let scope = Scope {
        handles: Arc::new(TryLock::new(Vec::new())),
        group: group.clone(),
        env: PhantomData,
    };
    let result = outcomes_std::panic::catch_unwind(AssertUnwindSafe(|| f(&scope)));
    let Scope {
        handles,
        group: own,
        ..
    } = scope;
    drop(own);
    group.wait();
    let handles = std::mem::take(&mut *handles.lock());
    let left = handles
        .into_iter()
        .filter_map(|handle| handle.lock().take());
    let panics: Vec<_> = left.filter_map(|handle| handle.join().err()).collect();
    match result {
        Err(payload) => outcomes_std::panic::resume_unwind(payload),
        Ok(result) if panics.is_empty() => Ok(result),
        Ok(_) => Err(Box::new(panics)),
    }
}

/// A scope for threads that may borrow.
pub struct Scope<'env> {
    handles: Arc<TryLock<Vec<SharedHandle>>>,
    /// Left when the thread that has this copy is done with it.
    group: WaitGroup,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'env> Scope<'env> {
    /// Starts a thread in the scope.
    ///
    /// # Panics
    /// As the original.
    #[track_caller]
    pub fn spawn<'scope, F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce(&Scope<'env>) -> T + Send + 'env,
        T: Send + 'env,
    {
        self.builder()
            .spawn(f)
            .expect("failed to spawn scoped thread")
    }

    /// For a thread with a name.
    pub fn builder<'scope>(&'scope self) -> ScopedThreadBuilder<'scope, 'env> {
        ScopedThreadBuilder {
            scope: self,
            builder: thread::Builder::new(),
        }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Scope { .. }")
    }
}

/// Starts a thread in a scope.
#[derive(Debug)]
pub struct ScopedThreadBuilder<'scope, 'env> {
    scope: &'scope Scope<'env>,
    builder: thread::Builder,
}

impl<'scope, 'env> ScopedThreadBuilder<'scope, 'env> {
    /// Names the thread.
    pub fn name(self, name: String) -> ScopedThreadBuilder<'scope, 'env> {
        ScopedThreadBuilder {
            builder: self.builder.name(name),
            ..self
        }
    }

    /// Asks for a stack of this size; here they all have the same.
    pub fn stack_size(self, _: usize) -> ScopedThreadBuilder<'scope, 'env> {
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Never: a program that starts too many is refused.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce(&Scope<'env>) -> T + Send + 'env,
        T: Send + 'env,
    {
        let result = Arc::new(TryLock::new(None));
        let theirs = Arc::clone(&result);
        let scope = Scope {
            handles: Arc::clone(&self.scope.handles),
            group: self.scope.group.clone(),
            env: PhantomData,
        };
        let body = move || {
            let value = f(&scope);
            *theirs.lock() = Some(value);
        };
        // SAFETY: `scope` doesn't return before the thread has been joined,
        // and what the body borrows outlives `scope`.
        #[allow(unsafe_code)]
        let handle = unsafe { self.builder.spawn_unchecked(body) }?;
        let thread = handle.thread().clone();
        let handle = Arc::new(TryLock::new(Some(handle)));
        self.scope.handles.lock().push(Arc::clone(&handle));
        Ok(ScopedJoinHandle {
            handle,
            result,
            thread,
            scope: PhantomData,
        })
    }
}

/// The right to wait for a thread in a scope.
pub struct ScopedJoinHandle<'scope, T> {
    handle: SharedHandle,
    result: Arc<TryLock<Option<T>>>,
    thread: thread::Thread,
    scope: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to finish, and returns what its body returned.
    ///
    /// # Errors
    /// What it panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T, Box<dyn Any + Send>> {
        let handle = self.handle.lock().take().expect("joined once");
        handle.join()?;
        Ok(self.result.lock().take().expect("it left its result"))
    }

    /// The thread.
    pub fn thread(&self) -> &thread::Thread {
        &self.thread
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("ScopedJoinHandle { .. }")
    }
}
