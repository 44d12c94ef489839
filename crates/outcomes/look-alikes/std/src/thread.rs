//! Threads, as in `std::thread`.

pub(crate) mod handle;

use crate::local::{self, Local, Locals, Slot};
use crate::sync::Arc;
use crate::time::{Duration, Instant};
use outcomes_engine::model::{
    self, Case, Object, Operation, Otherwise, Ready, Refinement, Shared, Side, TryLock,
};
use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, Location, RefUnwindSafe};
use std::rc::Rc;

pub use handle::{Thread, ThreadId};
pub use std::thread::Result;

/// How many threads can run at the same time, if whoever explores the program has said
/// so. Else the program is refused.
///
/// # Errors
/// Never.
#[track_caller]
pub fn available_parallelism() -> std::io::Result<NonZero<usize>> {
    let at = Location::caller();
    Ok(model::parallelism().unwrap_or_else(|| {
        model::refuse(
            "it asks how many threads can run at the same time, which is up to the machine; with \
             a number in its place, or in `cargo outcomes --parallelism`, it can be explored",
            at,
        )
    }))
}

/// Starts a thread.
///
/// # Panics
/// As the original.
#[track_caller]
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(body).expect("failed to spawn thread")
}

/// Starts a thread with a name.
#[derive(Default)]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

impl fmt::Debug for Builder {
    /// As the original, which has other fields in other versions.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut original = std::thread::Builder::new();
        if let Some(name) = &self.name {
            original = original.name(name.clone());
        }
        if let Some(size) = self.stack_size {
            original = original.stack_size(size);
        }
        original.fmt(formatter)
    }
}

impl Builder {
    /// A builder for a thread without a name.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Names the thread.
    pub fn name(self, name: String) -> Builder {
        Builder {
            name: Some(name),
            ..self
        }
    }

    /// Asks for a stack of this size.
    pub fn stack_size(self, size: usize) -> Builder {
        Builder {
            stack_size: Some(size),
            ..self
        }
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Never: a program that starts too many is refused.
    #[track_caller]
    pub fn spawn<F, T>(self, body: F) -> std::io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let at = Location::caller();
        // SAFETY: the body is `'static`.
        #[allow(unsafe_code)]
        let handle = unsafe { start(body, self, None, at) };
        Ok(JoinHandle(handle))
    }

    /// Starts the thread, whatever it borrows.
    ///
    /// # Errors
    /// As for [`spawn`](Builder::spawn).
    ///
    /// # Safety
    /// What the body borrows, and what its result does, must outlive the
    /// thread and its handle.
    #[track_caller]
    #[allow(unsafe_code)]
    pub unsafe fn spawn_unchecked<F, T>(self, body: F) -> std::io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let at = Location::caller();
        // SAFETY: the caller's.
        Ok(JoinHandle(unsafe { start(body, self, None, at) }))
    }

    /// Starts the thread in a scope.
    ///
    /// # Errors
    /// As for [`spawn`](Builder::spawn).
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        body: F,
    ) -> std::io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let at = Location::caller();
        let data = std::sync::Arc::clone(&scope.data);
        data.running.set(data.running.get() + 1);
        // SAFETY: `scope` doesn't return before the thread has finished, and
        // what the body borrows outlives `scope`.
        #[allow(unsafe_code)]
        let handle = unsafe { start(body, self, Some(data), at) };
        Ok(ScopedJoinHandle {
            handle,
            scope: PhantomData,
        })
    }
}

/// What a thread leaves behind.
struct Packet<T> {
    result: TryLock<Option<Result<T>>>,
    /// The scope, if the thread is in one.
    scope: Option<std::sync::Arc<ScopeData>>,
}

impl<T> Drop for Packet<T> {
    fn drop(&mut self) {
        let result = self.result.get_mut().take();
        let panicked = matches!(result, Some(Err(_)));
        // The result goes before the scope may end: it may borrow.
        let dropped = AssertUnwindSafe(|| drop(result));
        if let Err(payload) = crate::panic::catch_unwind(dropped) {
            std::mem::forget(payload);
            model::fatal("thread result panicked on drop");
        }
        if let Some(scope) = &self.scope {
            if panicked {
                scope.panicked.set(true);
            }
            scope.running.set(scope.running.get() - 1);
            model::release(scope.object().address, Side::Only);
        }
    }
}

/// The system's number for the error that waiting would never end: `EDEADLK`.
const DEADLOCK: i32 = if cfg!(target_os = "linux") { 35 } else { 11 };

/// Whether a thread has got rid of its body, and of everything.
struct Finished {
    body: Shared<bool>,
    all: Shared<bool>,
}

impl Finished {
    fn object(&self, at: &'static Location<'static>) -> Object {
        Object {
            kind: "thread",
            address: std::ptr::from_ref(self).cast(),
            size: 0,
            created: Some(at),
        }
    }
}

struct Handle<T> {
    thread: Thread,
    packet: Arc<Packet<T>>,
    finished: std::sync::Arc<Finished>,
    at: &'static Location<'static>,
}

/// Starts a thread.
///
/// # Safety
/// What the body borrows must outlive the thread.
#[allow(unsafe_code)]
unsafe fn start<'a, F, T>(
    body: F,
    builder: Builder,
    scope: Option<std::sync::Arc<ScopeData>>,
    at: &'static Location<'static>,
) -> Handle<T>
where
    F: FnOnce() -> T + 'a,
    T: 'a,
{
    let Builder { name, stack_size } = builder;
    if let Some(name) = &name {
        CString::new(name.as_str()).expect("thread name may not contain interior null bytes");
    }
    if model::refined(Refinement::Numbers) {
        model::act("spawn", None, at);
    }
    let name = name.map(std::sync::Arc::new);
    let thread = Thread::new(name.clone(), None);
    let packet = Arc::new(Packet {
        result: TryLock::new(None),
        scope,
    });
    let finished = std::sync::Arc::new(Finished {
        body: Shared::new(false),
        all: Shared::new(false),
    });
    let theirs = Arc::clone(&packet);
    let ended = std::sync::Arc::clone(&finished);
    let run = move || {
        let result = crate::panic::catch_unwind(AssertUnwindSafe(body));
        if model::refined(Refinement::Threads) {
            model::act("finish", None, model::nowhere());
        }
        if result.is_err() {
            model::ends_by_panic();
        }
        *theirs.result.lock() = Some(result);
        drop(theirs);
        ended.body.set(true);
        local::with(model::Locals::drop_all);
        ended.all.set(true);
    };
    let locals = Box::new(Locals::new(thread.clone()));
    // SAFETY: the caller's.
    let id = unsafe { model::spawn(Box::new(run), name, locals, stack_size, at) };
    model::stands_for(finished.object(at), id);
    if let Some(scope) = &packet.scope {
        model::stands_for(scope.object(), id);
    }
    thread.0.id.set(Some(id));
    thread.0.number.set(number(id));
    Handle {
        thread,
        packet,
        finished,
        at,
    }
}

/// What the original numbers a thread with: who was started first comes first.
/// As long as nobody looks, any number will do that is the thread's own.
fn number(id: model::ThreadId) -> usize {
    if model::refined(Refinement::Numbers) {
        model::started() as usize
    } else {
        id.word()
    }
}

impl<T> Handle<T> {
    fn join(self, at: &'static Location<'static>) -> Result<T> {
        let object = self.finished.object(self.at);
        let me = current();
        *me.0.joins.lock() = Some(self.thread.clone());
        let finished = || self.finished.all.get();
        let joins_me = || self.thread.joins(&me);
        let case = |ready| Case {
            action: "join",
            object: Some(object),
            ready,
        };
        let cases = [
            case(Ready::When(&finished)),
            case(Ready::Perhaps(&joins_me)),
        ];
        let joined = model::perform(&Operation::new(&cases, at).eagerly());
        *me.0.joins.lock() = None;
        assert!(
            joined == Some(0),
            "failed to join thread: {}",
            std::io::Error::from_raw_os_error(DEADLOCK)
        );
        let id = self.thread.0.id.get();
        if let Some(id) = id {
            model::joined(id);
            model::note_thread(id);
        }
        let result = self.packet.result.lock().take();
        result.expect("a finished thread has left its result")
    }

    fn is_finished(&self, at: &'static Location<'static>) -> bool {
        model::refine(Refinement::Threads);
        model::act("ask whether it has finished", None, at);
        self.finished.body.get()
    }
}

/// The right to wait for a thread.
pub struct JoinHandle<T>(Handle<T>);

#[allow(unsafe_code, reason = "it gives the result to whoever joins")]
// SAFETY: as with the original: what the thread returned was `Send` when it was
// spawned, and a shared handle gives nothing of it.
unsafe impl<T> Send for JoinHandle<T> {}
#[allow(unsafe_code, reason = "it gives the result to whoever joins")]
// SAFETY: as above.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// Waits for the thread to finish, and returns what its body returned.
    ///
    /// # Errors
    /// What it panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Location::caller())
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }

    /// Whether its body has ended.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished(Location::caller())
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// Threads that may borrow from around the scope.
pub struct Scope<'scope, 'env: 'scope> {
    data: std::sync::Arc<ScopeData>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl RefUnwindSafe for Scope<'_, '_> {}

struct ScopeData {
    running: Shared<usize>,
    panicked: Shared<bool>,
    /// Who opened it.
    main: Thread,
    /// Where.
    at: &'static Location<'static>,
}

impl ScopeData {
    fn object(&self) -> Object {
        Object {
            kind: "scope",
            address: std::ptr::from_ref(self).cast(),
            size: 0,
            created: Some(self.at),
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::refine(Refinement::Threads);
        let mut debug = formatter.debug_struct("Scope");
        let (scope, at) = (self.data.object(), model::showing());
        model::look("count the threads of the scope", scope, at);
        debug.field("num_running_threads", &self.data.running.get());
        model::look("look whether one of them has panicked", scope, at);
        debug
            .field("a_thread_panicked", &self.data.panicked.get())
            .field("main_thread", &self.data.main)
            .finish_non_exhaustive()
    }
}

/// Runs `body`, then waits for the threads that it started in the scope.
///
/// # Panics
/// If one of them panicked and was not joined.
#[track_caller]
pub fn scope<'env, F, T>(body: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let at = Location::caller();
    let scope = Scope {
        data: std::sync::Arc::new(ScopeData {
            running: Shared::new(0),
            panicked: Shared::new(false),
            main: current(),
            at,
        }),
        scope: PhantomData,
        env: PhantomData,
    };
    let result = crate::panic::catch_unwind(AssertUnwindSafe(|| body(&scope)));
    let object = scope.data.object();
    model::wait_until(
        "wait for the threads of the scope",
        object,
        &|| scope.data.running.get() == 0,
        at,
    );
    model::acquire(object.address, Side::Only);
    match result {
        Err(payload) => crate::panic::resume_unwind(payload),
        Ok(_) if scope.data.panicked.get() => panic!("a scoped thread panicked"),
        Ok(result) => result,
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread in the scope.
    ///
    /// # Panics
    /// As the original.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, body: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Builder::new()
            .spawn_scoped(self, body)
            .expect("failed to spawn thread")
    }
}

/// The right to wait for a thread in a scope.
pub struct ScopedJoinHandle<'scope, T> {
    handle: Handle<T>,
    scope: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to finish, and returns what its body returned.
    ///
    /// # Errors
    /// What it panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.handle.join(Location::caller())
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.handle.thread
    }

    /// Whether its body has ended.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished(Location::caller())
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ScopedJoinHandle")
            .finish_non_exhaustive()
    }
}

/// The calling thread.
pub fn current() -> Thread {
    local::with(|locals| locals.thread.clone())
}

/// Waits to be told to go on. It may also go on for no reason.
#[track_caller]
pub fn park() {
    park_until(Otherwise::Block, Location::caller());
}

/// Waits to be told to go on, for this long at most.
#[track_caller]
pub fn park_timeout(duration: Duration) {
    park_until(Otherwise::TimeOut(duration), Location::caller());
}

/// Waits to be told to go on, for this many milliseconds at most.
#[track_caller]
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::park_timeout`")]
pub fn park_timeout_ms(milliseconds: u32) {
    let duration = Duration::from_millis(milliseconds.into());
    park_until(Otherwise::TimeOut(duration), Location::caller());
}

fn park_until(otherwise: Otherwise, at: &'static Location<'static>) {
    model::park(current().object(), otherwise, at);
}

/// Lets time pass.
#[track_caller]
pub fn sleep(duration: Duration) {
    model::sleep(duration, Location::caller());
}

/// Lets this many milliseconds pass.
#[track_caller]
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::sleep`")]
pub fn sleep_ms(milliseconds: u32) {
    model::sleep(
        Duration::from_millis(milliseconds.into()),
        Location::caller(),
    );
}

/// Lets time pass, up to this moment.
#[track_caller]
pub fn sleep_until(deadline: Instant) {
    let now = Instant::now().since_start();
    model::sleep(
        deadline.since_start().saturating_sub(now),
        Location::caller(),
    );
}

/// Lets other threads go first, if there are any.
#[track_caller]
pub fn yield_now() {
    model::yield_now(Location::caller());
}

/// Whether the calling thread is panicking.
pub fn panicking() -> bool {
    model::panicking()
}

/// A key whose value each thread has its own of.
pub struct LocalKey<T: 'static> {
    address: &'static u8,
    make: fn() -> T,
    /// Whether the value is there from the start.
    is_const: bool,
}

/// What a panic says when the value is gone.
const GONE: &str = "cannot access a Thread Local Storage value during or after destruction";

/// The value of a [`LocalKey`] is gone, the thread being about to finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError;

impl fmt::Display for AccessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("already destroyed")
    }
}

impl std::error::Error for AccessError {}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(address: &'static u8, make: fn() -> T) -> LocalKey<T> {
        LocalKey {
            address,
            make,
            is_const: false,
        }
    }

    #[doc(hidden)]
    pub const fn new_const(address: &'static u8, make: fn() -> T) -> LocalKey<T> {
        LocalKey {
            address,
            make,
            is_const: true,
        }
    }

    /// Runs `run` on the thread's value, which is made now if need be.
    ///
    /// # Panics
    /// If the value is gone.
    pub fn with<R>(&'static self, run: impl FnOnce(&T) -> R) -> R {
        self.try_with(run).expect(GONE)
    }

    /// Runs `run` on the thread's value, which is made now if need be.
    ///
    /// # Errors
    /// If the value is gone.
    pub fn try_with<R>(
        &'static self,
        run: impl FnOnce(&T) -> R,
    ) -> std::result::Result<R, AccessError> {
        let value = match local::with(|locals| locals.get(self.key())) {
            Local::Made(value) => value,
            Local::Dropped => return Err(AccessError),
            Local::Unmade => self.insert((self.make)()),
        };
        Ok(run(value.get()))
    }

    fn key(&'static self) -> usize {
        std::ptr::from_ref(self.address) as usize
    }

    fn insert(&'static self, value: T) -> Rc<Slot<T>> {
        let value = Rc::new(Slot::new(value));
        local::with(|locals| locals.insert(self.key(), Rc::clone(&value)));
        value
    }

    /// Puts the value there, or gives it to `change` if there is one already.
    fn set_or(&'static self, value: T, change: impl FnOnce(T, &T)) {
        if !self.is_const
            && let Local::Unmade = local::with(|locals| locals.get::<T>(self.key()))
        {
            self.insert(value);
        } else {
            self.with(|old| change(value, old));
        }
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// Gives it this value, without making one first.
    pub fn set(&'static self, value: T) {
        self.set_or(Cell::new(value), |value, cell| cell.set(value.into_inner()));
    }

    /// A copy of the value.
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes the value, leaving the default.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Replaces the value, and returns what it was.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// Runs `run` on the value.
    pub fn with_borrow<R>(&'static self, run: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| run(&cell.borrow()))
    }

    /// Runs `run` on the value, which it may change.
    pub fn with_borrow_mut<R>(&'static self, run: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| run(&mut cell.borrow_mut()))
    }

    /// Gives it this value, without making one first.
    pub fn set(&'static self, value: T) {
        self.set_or(RefCell::new(value), |value, cell| {
            *cell.borrow_mut() = value.into_inner();
        });
    }

    /// Takes the value, leaving the default.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// Replaces the value, and returns what it was.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LocalKey").finish_non_exhaustive()
    }
}
