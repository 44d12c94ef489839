//! Every type that is modelled, formatted with every flag, in the pieces in
//! which that is written.

use crossbeam_channel as channel;
use crossbeam_utils::sync as utils;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Debug, Display, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI8, AtomicU64, AtomicUsize};
use std::sync::{
    Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, PoisonError, RwLock, TryLockError,
    Weak, mpsc,
};
use std::time::Duration;
use std::{io, thread};

/// What is written to it, piece by piece.
#[derive(Default)]
struct Pieces(Vec<String>);

impl Write for Pieces {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.push(piece.to_owned());
        Ok(())
    }
}

/// Lines that say what was formatted, how, and in which pieces.
#[derive(Default)]
struct Shown(String);

macro_rules! with_flags {
    ($shown:ident, $name:ident, $value:ident, $($flags:literal)*) => { $(
        let mut pieces = Pieces::default();
        let result = write!(pieces, $flags, $value);
        writeln!($shown.0, "{} {}: {:?} {result:?}", $name, $flags, pieces.0).unwrap();
    )* };
}

impl Shown {
    fn debug(&mut self, name: &str, value: &dyn Debug) {
        with_flags! {
            self, name, value,
            "{:?}" "{:#?}" "{:x?}" "{:#X?}" "{:50?}" "{:>50?}" "{:*^50?}" "{:#50?}" "{:.2?}" "{:08?}"
            "{:+?}" "{:#010x?}"
        }
    }

    fn display(&mut self, name: &str, value: &dyn Display) {
        with_flags! { self, name, value, "{}" "{:#}" "{:>70}" "{:*<70}" "{:.5}" "{:08}" "{:+}" }
    }

    fn both<T: Debug + Display>(&mut self, name: &str, value: &T) {
        self.debug(name, value);
        self.display(name, value);
    }
}

/// The kinds of types, those first that show which numbers threads have.
pub const KINDS: [fn() -> String; 11] = [
    || shown(threads),
    || shown(locals),
    || shown(locks),
    || shown(poisoned_locks),
    || shown(made_once),
    || shown(meetings),
    || shown(owners),
    || shown(atomics),
    || shown(std_channels),
    || shown(channels),
    || shown(others),
];

fn shown(kind: fn(&mut Shown)) -> String {
    let mut shown = Shown::default();
    kind(&mut shown);
    shown.0
}

fn threads(shown: &mut Shown) {
    shown.debug("ThreadId", &thread::current().id());
    shown.debug("Some(ThreadId)", &Some(thread::current().id()));
    shown.debug("Thread of main", &thread::current());
    shown.debug("Builder", &thread::Builder::new());
    let builder = thread::Builder::new().name("reader".to_owned());
    shown.debug("Builder with a name", &builder);
    shown.debug("Builder with both", &builder.stack_size(1 << 20));
    let handle = thread::spawn(thread::current);
    shown.debug("JoinHandle", &handle);
    shown.debug("Thread without a name", handle.thread());
    let gone = handle.join().unwrap();
    shown.debug("Thread that is gone", &gone);
    let named = thread::Builder::new().name("wri\"ter".to_owned());
    let handle = named.spawn(|| ()).unwrap();
    shown.debug("Thread with a name", handle.thread());
    handle.join().unwrap();
    let result = thread::spawn(|| std::panic::resume_unwind(Box::new(1))).join();
    shown.debug("Result of a panic", &result);
    thread::scope(|scope| {
        shown.debug("Scope", scope);
        let (sender, receiver) = mpsc::channel::<()>();
        let handle = scope.spawn(move || receiver.recv());
        shown.debug("ScopedJoinHandle", &handle);
        shown.debug("Scope with a thread", scope);
        drop(sender);
        shown.debug("Result of a scoped thread", &handle.join());
        let panicking = scope.spawn(|| std::panic::resume_unwind(Box::new("no")));
        shown.debug("Result of a scoped panic", &panicking.join());
    });
    let _ = crossbeam_utils::thread::scope(|scope| {
        shown.debug("Scope of crossbeam", scope);
        shown.debug("ScopedThreadBuilder", &scope.builder().name("a".to_owned()));
        let handle = scope.spawn(|_| ());
        shown.debug("ScopedJoinHandle of crossbeam", &handle);
    });
}

thread_local! {
    static NUMBER: Cell<u32> = const { Cell::new(1) };
    static LAST: LooksBack = const { LooksBack(RefCell::new(None)) };
}

/// Looks at itself when it is dropped, which is too late.
struct LooksBack(RefCell<Option<mpsc::Sender<thread::AccessError>>>);

impl Drop for LooksBack {
    fn drop(&mut self) {
        let error = LAST.try_with(|_| ()).unwrap_err();
        self.0.take().unwrap().send(error).unwrap();
    }
}

fn locals(shown: &mut Shown) {
    shown.debug("LocalKey", &NUMBER);
    NUMBER.with(|number| shown.debug("local Cell", number));
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(|| LAST.with(|last| last.0.replace(Some(sender))));
    thread.join().unwrap();
    shown.both("AccessError", &receiver.recv().unwrap());
}

fn locks(shown: &mut Shown) {
    let mutex = Mutex::new(255);
    shown.debug("Mutex", &mutex);
    let mut guard = mutex.lock().unwrap();
    *guard += 1;
    shown.both("MutexGuard", &guard);
    shown.debug("locked Mutex", &mutex);
    let error: TryLockError<_> = mutex.try_lock().unwrap_err();
    shown.both("TryLockError", &error);
    drop(guard);
    shown.debug("Mutex of a str", &Mutex::new("a\"b\nc"));
    shown.debug("Mutex in a Mutex", &Mutex::new(Mutex::new([1, 2])));
    shown.debug("Mutex of a slice", &(&Mutex::new([1u8, 2]) as &Mutex<[u8]>));
    shown.debug("LockResult", &mutex.lock());

    let lock = RwLock::new(vec![10, 11]);
    shown.debug("RwLock", &lock);
    let guard = lock.read().unwrap();
    shown.debug("RwLock that is read", &lock);
    shown.debug("RwLockReadGuard", &guard);
    drop(guard);
    let guard = lock.write().unwrap();
    shown.debug("RwLockWriteGuard", &guard);
    shown.debug("locked RwLock", &lock);
    drop(guard);
    let number = RwLock::new(7);
    shown.display("RwLockReadGuard", &number.read().unwrap());
    shown.display("RwLockWriteGuard", &number.write().unwrap());
}

fn poisoned_locks(shown: &mut Shown) {
    let mutex = Mutex::new(1);
    let lock = RwLock::new(Some(2));
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _guards = (mutex.lock().unwrap(), lock.write().unwrap());
        std::panic::resume_unwind(Box::new(()))
    }));
    shown.debug("poisoned Mutex", &mutex);
    shown.debug("poisoned RwLock", &lock);
    shown.both("PoisonError", &mutex.lock().unwrap_err());
    shown.debug("PoisonError of a guard's value", &PoisonError::new(1));
    shown.both(
        "TryLockError of a poisoned Mutex",
        &mutex.try_lock().unwrap_err(),
    );
    let guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
    shown.debug("locked poisoned Mutex", &mutex);
    drop(guard);
    mutex.clear_poison();
    shown.debug("Mutex without poison", &mutex);
}

fn made_once(shown: &mut Shown) {
    let once = Once::new();
    shown.debug("Once", &once);
    once.call_once_force(|state| shown.debug("OnceState", state));
    shown.debug("Once that is done", &once);
    let broken = Once::new();
    let panic = || std::panic::resume_unwind(Box::new(()));
    let _ = catch_unwind(AssertUnwindSafe(|| broken.call_once(panic)));
    broken.call_once_force(|state| shown.debug("OnceState with poison", state));

    let cell = OnceLock::new();
    shown.debug("OnceLock", &cell);
    cell.set("set").unwrap();
    shown.debug("OnceLock that is set", &cell);
    let lazy = LazyLock::new(|| vec![1, 2]);
    shown.debug("LazyLock", &lazy);
    assert_eq!(lazy.len(), 2);
    shown.debug("LazyLock that is made", &lazy);
    let broken: LazyLock<u8> = LazyLock::new(|| std::panic::resume_unwind(Box::new(())));
    let _ = catch_unwind(AssertUnwindSafe(|| *broken));
    shown.debug("LazyLock with poison", &broken);
}

fn meetings(shown: &mut Shown) {
    let barrier = Barrier::new(1);
    shown.debug("Barrier", &barrier);
    shown.debug("BarrierWaitResult", &barrier.wait());
    let condvar = Condvar::new();
    shown.debug("Condvar", &condvar);
    let mutex = Mutex::new(());
    let guard = mutex.lock().unwrap();
    // Times out, or wakes up for no reason: both are right.
    let waited = condvar.wait_timeout_while(guard, Duration::from_millis(1), |()| true);
    shown.debug("WaitTimeoutResult", &waited.unwrap().1);

    let group = utils::WaitGroup::new();
    shown.debug("WaitGroup", &group);
    let another = group.clone();
    shown.debug("WaitGroup of two", &group);
    drop(another);
    let parker = utils::Parker::new();
    shown.debug("Parker", &parker);
    shown.debug("Unparker", parker.unparker());
}

fn owners(shown: &mut Shown) {
    let arc = Arc::new(17);
    shown.both("Arc", &arc);
    shown.debug("Arc of a str", &Arc::new("text"));
    shown.debug("Arc of a Mutex", &Arc::new(Mutex::new(1.5)));
    shown.debug("Weak", &Arc::downgrade(&arc));
    shown.debug("Weak of nothing", &Weak::<u8>::new());
    shown.debug("Weak in a list", &[Arc::downgrade(&arc)]);
}

fn atomics(shown: &mut Shown) {
    shown.debug("AtomicBool", &AtomicBool::new(true));
    shown.debug("AtomicI8", &AtomicI8::new(-3));
    shown.debug("AtomicU64", &AtomicU64::new(u64::MAX));
    shown.debug(
        "list of AtomicUsize",
        &[AtomicUsize::new(10), AtomicUsize::new(26)],
    );
}

fn std_channels(shown: &mut Shown) {
    let (sender, receiver) = mpsc::channel::<u8>();
    shown.debug("mpsc::Sender", &sender);
    shown.debug("mpsc::Receiver", &receiver);
    shown.debug("mpsc::Iter", &receiver.iter());
    shown.debug("mpsc::TryIter", &receiver.try_iter());
    shown.both("mpsc::TryRecvError", &receiver.try_recv().unwrap_err());
    let late = receiver.recv_timeout(Duration::ZERO).unwrap_err();
    shown.both("mpsc::RecvTimeoutError", &late);
    drop(sender);
    shown.both("mpsc::RecvError", &receiver.recv().unwrap_err());
    shown.both(
        "mpsc::TryRecvError at the end",
        &receiver.try_recv().unwrap_err(),
    );
    let gone = receiver.recv_timeout(Duration::from_secs(1)).unwrap_err();
    shown.both("mpsc::RecvTimeoutError at the end", &gone);
    shown.debug("mpsc::IntoIter", &receiver.into_iter());

    let (sender, receiver) = mpsc::sync_channel(0);
    shown.debug("mpsc::SyncSender", &sender);
    shown.both("mpsc::TrySendError", &sender.try_send(1).unwrap_err());
    drop(receiver);
    shown.both(
        "mpsc::TrySendError at the end",
        &sender.try_send(1).unwrap_err(),
    );
    shown.both("mpsc::SendError", &sender.send(1).unwrap_err());
}

fn channels(shown: &mut Shown) {
    let (sender, receiver) = channel::unbounded::<u8>();
    shown.debug("Sender", &sender);
    shown.debug("Receiver", &receiver);
    shown.debug("Iter", &receiver.iter());
    shown.debug("TryIter", &receiver.try_iter());
    shown.both("TryRecvError", &receiver.try_recv().unwrap_err());
    let late = receiver.recv_timeout(Duration::ZERO).unwrap_err();
    shown.both("RecvTimeoutError", &late);
    drop(sender);
    shown.both("RecvError", &receiver.recv().unwrap_err());
    shown.both("TryRecvError at the end", &receiver.try_recv().unwrap_err());
    let gone = receiver.recv_timeout(Duration::from_secs(1)).unwrap_err();
    shown.both("RecvTimeoutError at the end", &gone);
    shown.debug("IntoIter", &receiver.into_iter());
    shown.debug("never", &channel::never::<u8>());
    shown.debug("after", &channel::after(Duration::from_secs(1)));

    let (sender, receiver) = channel::bounded(0);
    shown.both("TrySendError", &sender.try_send(1).unwrap_err());
    let late = sender.send_timeout(1, Duration::ZERO).unwrap_err();
    shown.both("SendTimeoutError", &late);
    drop(receiver);
    shown.both("TrySendError at the end", &sender.try_send(1).unwrap_err());
    let gone = sender.send_timeout(1, Duration::from_secs(1)).unwrap_err();
    shown.both("SendTimeoutError at the end", &gone);
    shown.both("SendError", &sender.send(1).unwrap_err());

    let (sender, receiver) = channel::unbounded();
    let mut select = channel::Select::new();
    let index = select.recv(&receiver);
    shown.debug("Select", &select);
    shown.both("TrySelectError", &select.try_select().unwrap_err());
    shown.debug("TryReadyError", &select.try_ready().unwrap_err());
    let late = select.select_timeout(Duration::ZERO).unwrap_err();
    shown.both("SelectTimeoutError", &late);
    let late = select.ready_timeout(Duration::ZERO).unwrap_err();
    shown.debug("ReadyTimeoutError", &late);
    sender.send(1).unwrap();
    let operation = select.select();
    assert_eq!(operation.index(), index);
    shown.debug("SelectedOperation", &operation);
    assert_eq!(operation.recv(&receiver), Ok(1));
}

fn others(shown: &mut Shown) {
    shown.debug("Duration", &Duration::from_micros(1_500));
    shown.debug("Duration of an age", &Duration::MAX);
    shown.debug("Stdout", &io::stdout());
    shown.debug("Stderr", &io::stderr());
    shown.debug("StdoutLock", &io::stdout().lock());
    shown.debug("StderrLock", &io::stderr().lock());
    shown.debug("HashMap", &HashMap::from([(1, "one")]));
    shown.debug("HashMap of nothing", &HashMap::<u8, u8>::new());
    shown.debug("HashSet", &HashSet::from([15]));
    let mut map = HashMap::from([(1, "one")]);
    shown.debug("Entry", &map.entry(2));
    shown.debug("occupied Entry", &map.entry(1));
    shown.debug("ExitCode", &std::process::ExitCode::from(3));
}

/// Prints all of a kind.
pub fn print(kind: fn() -> String) {
    print!("{}", kind());
}
