//! Runs a program.

use super::language::{Construct, Dropped, End, Program, Step, need};
use crossbeam_channel::{
    Receiver, RecvTimeoutError, Select, SendTimeoutError, Sender, TryRecvError, TrySendError,
    after, bounded, never, select, select_biased, tick, unbounded,
};
use crossbeam_utils::sync::{self, WaitGroup};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{
    Arc, Barrier, Condvar, LazyLock, LockResult, Mutex, Once, OnceLock, RwLock, TryLockError, Weak,
    mpsc,
};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

/// Milliseconds of a step that sleeps or waits.
const UNIT: u64 = 3;

/// Something that tells when it is dropped, or panics.
#[derive(Debug)]
struct Loud {
    what: &'static str,
    number: u32,
    dropped: Dropped,
}

impl Drop for Loud {
    fn drop(&mut self) {
        let Loud { what, number, .. } = self;
        match self.dropped {
            Dropped::Nothing => {}
            Dropped::Prints if thread::panicking() => {
                println!("{what} {number} dropped by a panic");
            }
            Dropped::Prints => println!("{what} {number} dropped"),
            Dropped::Panics => panic!("{what} {number} panics"),
        }
    }
}

impl Loud {
    /// Takes what there is to know. It tells no more.
    fn number(mut self) -> u32 {
        self.dropped = Dropped::Nothing;
        self.number
    }
}

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
    static LOCAL: RefCell<Option<Loud>> = const { RefCell::new(None) };
}

static STATIC_ATOMIC: AtomicU32 = AtomicU32::new(0);
static STATIC_MUTEX: Mutex<u32> = Mutex::new(0);

/// What all threads know.
struct Shared {
    atomic: AtomicU32,
    mutex: Mutex<u32>,
    lock: RwLock<u32>,
    flag: Mutex<u32>,
    raised: Condvar,
    barrier: Barrier,
    once: Once,
    cell: OnceLock<u32>,
    lazy: LazyLock<u32>,
    main: Thread,
}

impl Shared {
    fn new() -> Shared {
        Shared {
            atomic: AtomicU32::new(0),
            mutex: Mutex::new(0),
            lock: RwLock::new(0),
            flag: Mutex::new(0),
            raised: Condvar::new(),
            barrier: Barrier::new(2),
            once: Once::new(),
            cell: OnceLock::new(),
            lazy: LazyLock::new(|| {
                println!("made when first needed");
                7
            }),
            main: thread::current(),
        }
    }
}

#[derive(Clone)]
enum MpscSender {
    Unlimited(mpsc::Sender<Loud>),
    Limited(mpsc::SyncSender<Loud>),
}

/// What a thread holds.
#[derive(Default)]
struct Ends {
    senders: [Option<Sender<Loud>>; 2],
    receivers: [Option<Receiver<Loud>>; 2],
    mpsc_sender: Option<MpscSender>,
    mpsc_receiver: Option<mpsc::Receiver<Loud>>,
    owner: Option<Arc<Loud>>,
    weak: Option<Weak<Loud>>,
    wait_group: Option<WaitGroup>,
}

impl Ends {
    fn all(program: &Program) -> Ends {
        let channels = program.rooms.map(|room| match room {
            None => unbounded(),
            Some(room) => bounded(room),
        });
        let [(sender0, receiver0), (sender1, receiver1)] = channels;
        let (mpsc_sender, mpsc_receiver) = match program.mpsc {
            None => {
                let (sender, receiver) = mpsc::channel();
                (MpscSender::Unlimited(sender), receiver)
            }
            Some(room) => {
                let (sender, receiver) = mpsc::sync_channel(room);
                (MpscSender::Limited(sender), receiver)
            }
        };
        let owner = Arc::new(Loud {
            what: "data",
            number: 0,
            dropped: program.shared,
        });
        let mut ends = Ends {
            senders: [Some(sender0), Some(sender1)],
            receivers: [Some(receiver0), Some(receiver1)],
            mpsc_sender: Some(mpsc_sender),
            mpsc_receiver: Some(mpsc_receiver),
            weak: Some(Arc::downgrade(&owner)),
            owner: Some(owner),
            wait_group: Some(WaitGroup::new()),
        };
        // Nobody needs to notice.
        if !need(&program.main, End::Owner) {
            ends.weak = None;
            let owner = ends.owner.take().and_then(Arc::into_inner);
            let _ = owner.map(Loud::number);
        }
        ends
    }

    /// Drops what these steps don't need.
    fn keep_for(&mut self, steps: &[Step]) {
        for number in 0..2 {
            if !need(steps, End::Sender(number)) {
                self.senders[number] = None;
            }
            if !need(steps, End::Receiver(number)) {
                self.receivers[number] = None;
            }
        }
        if !need(steps, End::MpscSender) {
            self.mpsc_sender = None;
        }
        if !need(steps, End::MpscReceiver) {
            self.mpsc_receiver = None;
        }
        if !need(steps, End::Owner) {
            self.owner = None;
        }
        if !need(steps, End::Weak) {
            self.weak = None;
        }
        if !need(steps, End::WaitGroup) {
            self.wait_group = None;
        }
    }

    /// What another thread needs for these steps.
    fn for_thread(&mut self, steps: &[Step]) -> Ends {
        let needed = |end| need(steps, end);
        let sender = |number: usize| {
            let sender = self.senders[number].as_ref();
            sender.filter(|_| needed(End::Sender(number))).cloned()
        };
        let receiver = |number: usize| {
            let receiver = self.receivers[number].as_ref();
            receiver.filter(|_| needed(End::Receiver(number))).cloned()
        };
        Ends {
            senders: [sender(0), sender(1)],
            receivers: [receiver(0), receiver(1)],
            mpsc_sender: self
                .mpsc_sender
                .as_ref()
                .filter(|_| needed(End::MpscSender))
                .cloned(),
            mpsc_receiver: self.mpsc_receiver.take_if(|_| needed(End::MpscReceiver)),
            owner: self.owner.as_ref().filter(|_| needed(End::Owner)).cloned(),
            weak: self.weak.as_ref().filter(|_| needed(End::Weak)).cloned(),
            wait_group: self
                .wait_group
                .as_ref()
                .filter(|_| needed(End::WaitGroup))
                .cloned(),
        }
    }
}

/// What a thread is about.
struct Doer {
    program: &'static Program,
    shared: &'static Shared,
    /// Who it is: 12 is the second that the first started that main started.
    number: u32,
    parent: Option<Thread>,
    /// How many threads it has started.
    children: u32,
    /// How many steps it has done.
    done: u32,
    /// What it has last found out.
    seen: u32,
    ends: Ends,
    handles: VecDeque<JoinHandle<Loud>>,
}

/// Whether a thread goes on.
#[derive(PartialEq)]
enum Next {
    GoOn,
    Return,
}

/// Runs a program.
pub fn run(program: &'static Program) {
    let shared: &'static Shared = Box::leak(Box::new(Shared::new()));
    let mut ends = Ends::all(program);
    ends.keep_for(&program.main);
    let main = Doer {
        program,
        shared,
        number: 0,
        parent: None,
        children: 0,
        done: 0,
        seen: 0,
        ends,
        handles: VecDeque::new(),
    };
    let _ = main.run(&program.main).number();
}

fn wait() -> Duration {
    Duration::from_millis(UNIT)
}

fn open<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(|poison| poison.into_inner())
}

impl Doer {
    /// Does everything, and waits for the threads that it has started.
    fn run(mut self, steps: &'static [Step]) -> Loud {
        if self.steps(steps) == Next::GoOn {
            while !self.handles.is_empty() {
                self.join();
            }
        }
        Loud {
            what: "result",
            number: self.number,
            dropped: self.program.results,
        }
    }

    /// Another thread.
    fn child(&mut self, steps: &'static [Step]) -> Doer {
        self.children += 1;
        Doer {
            program: self.program,
            shared: self.shared,
            number: 10 * self.number + self.children,
            parent: Some(thread::current()),
            children: 0,
            done: 0,
            seen: 0,
            ends: self.ends.for_thread(steps),
            handles: VecDeque::new(),
        }
    }

    fn steps(&mut self, steps: &'static [Step]) -> Next {
        for step in steps {
            self.done += 1;
            if self.step(step) == Next::Return {
                return Next::Return;
            }
        }
        Next::GoOn
    }

    /// Tells what it has found out.
    fn tell(&self, what: &str) {
        println!("{}.{} {what}", self.number, self.done);
    }

    fn tell_number(&mut self, what: &str, number: u32) {
        self.seen = number;
        println!("{}.{} {what} {number}", self.number, self.done);
    }

    fn join(&mut self) {
        let Some(handle) = self.handles.pop_front() else {
            return;
        };
        match handle.join() {
            Ok(result) => self.tell_number("joins", result.number()),
            Err(payload) => self.tell(match payload.downcast_ref::<&str>() {
                Some(_) => "joins a panic",
                None => "joins another panic",
            }),
        }
    }

    fn step(&mut self, step: &'static Step) -> Next {
        use Construct::*;
        match step.does {
            Spawn | SpawnDetached | SpawnNamed => self.spawn(step),
            Scope | ScopeJoined | ScopeOfCrossbeam => self.scope(step),
            SpawnAlike => self.spawn_alike(step),
            IfSeen => {
                if self.seen as usize % 2 == step.with {
                    return self.steps(&step.inner);
                }
            }
            Return => return Next::Return,
            Print | PrintLines | PrintPiece | PrintSeen | PrintError | PrintLocked | EndLocked
            | Flush => self.print(step.does),
            Yield | Join | IsFinished | Catch | Panic | PanicWithPayload | ResumeUnwind | Exit
            | Abort => self.branch(step),
            Load | Store | FetchAdd | Swap | CompareExchange | CompareExchangeLoop
            | FetchUpdate | LoadTwice | SpinAWhile | StaticAdd => self.atomic(step),
            Add | Hold | TryLock | PanicLocked | IsPoisoned | ClearPoison | StaticLock => {
                return self.mutex(step);
            }
            Read | Write | TryRead | TryWrite | PanicWriting => return self.lock(step),
            SetOne | SetAll | NotifyOne | NotifyAll | Wait | WaitWhile | WaitTimeout
            | WaitTimeoutWhile => self.condvar(step.does),
            BarrierWait => {
                let is_leader = self.shared.barrier.wait().is_leader();
                self.tell_number("leads", is_leader.into());
            }
            CallOnce | CallOnceForce | IsCompleted | OnceWait | Set | Get | GetOrInit
            | CellWait | Force => self.once(step),
            Park | ParkTimeout | UnparkMain | UnparkParent | UnparkChild | Parker => {
                self.park(step.does);
            }
            MpscSend | MpscTrySend | MpscReceive | MpscTryReceive | MpscReceiveTimeout
            | MpscReceiveAll | MpscDropSender | MpscDropReceiver => self.mpsc(step.does),
            Send | TrySend | SendTimeout | DropSender => self.send(step),
            Receive | TryReceive | ReceiveTimeout | ReceiveAll | TryReceiveAll | Length
            | IsFull | DropReceiver | Never => self.receive(step),
            SelectBoth | SelectDefault | SelectTimeout => return self.select_both(step),
            SelectBiased | SelectAfter | SelectNever => self.select_received(step),
            ListSelect | ListTry | ListTimeout | ListReady | ListTryReady | ListReadyTimeout
            | ListBiased => self.select_list(step),
            Sleep => thread::sleep(wait() * (1 + step.with as u32)),
            After => drop(after(wait() * (1 + step.with as u32)).recv()),
            Tick => {
                let ticks = tick(wait());
                for _ in 0..1 + step.with {
                    let _ = ticks.recv();
                }
                self.tell("ticked");
            }
            GroupWait => {
                if let Some(group) = self.ends.wait_group.take() {
                    group.wait();
                    self.tell("waited for all");
                }
            }
            GroupDrop => self.ends.wait_group = None,
            DropOwner | StrongCount | WeakCount | Upgrade | Downgrade | DropWeak | TryUnwrap
            | IntoInner | GetMut => self.owners(step.does),
            LocalAdd => {
                COUNT.set(COUNT.get() + 1);
                self.tell_number("counts for itself", COUNT.get());
            }
            LocalSet => drop(LOCAL.replace(Some(self.local()))),
            LocalInit => {
                let local = self.local();
                self.seen = LOCAL.with_borrow_mut(|old| old.get_or_insert(local).number);
            }
        }
        Next::GoOn
    }

    fn local(&self) -> Loud {
        Loud {
            what: "local",
            number: self.number,
            dropped: self.program.locals,
        }
    }

    fn spawn(&mut self, step: &'static Step) {
        let child = self.child(&step.inner);
        let run = move || child.run(&step.inner);
        match step.does {
            Construct::SpawnDetached => drop(thread::spawn(run)),
            Construct::SpawnNamed => {
                let builder = thread::Builder::new().name("named".to_owned());
                let named = move || {
                    println!("{:?}", thread::current().name());
                    run()
                };
                self.handles.push_back(builder.spawn(named).unwrap());
            }
            _ => self.handles.push_back(thread::spawn(run)),
        }
    }

    /// One thread with the steps, or one with the first and one with the rest.
    fn scope(&mut self, step: &'static Step) {
        let middle = if step.with == 0 { step.inner.len() } else { 1 };
        let (first, rest) = step.inner.split_at(middle.min(step.inner.len()));
        let (one, other) = (self.child(first), self.child(rest));
        if step.does == Construct::ScopeOfCrossbeam {
            let scoped = crossbeam_utils::thread::scope(|scope| {
                scope.spawn(move |_| one.run(first));
                scope.spawn(move |_| other.run(rest)).join().is_ok()
            });
            return self.tell(match scoped {
                Ok(true) => "scoped",
                Ok(false) => "scoped a panic",
                Err(_) => "scoped another panic",
            });
        }
        let is_ok = thread::scope(|scope| {
            let first = scope.spawn(move || one.run(first));
            if !rest.is_empty() {
                scope.spawn(move || other.run(rest));
            }
            step.does == Construct::Scope || first.join().is_ok()
        });
        self.tell(if is_ok { "scoped" } else { "scoped a panic" });
    }

    /// Two threads or three that nobody can tell apart, in a scope or not.
    fn spawn_alike(&mut self, step: &'static Step) {
        let number = self.children;
        let count = if step.inner.len() > 1 { 2 } else { 3 };
        let children: Vec<Doer> = (0..count)
            .map(|_| {
                self.children = number;
                self.child(&step.inner)
            })
            .collect();
        if step.with > 0 {
            for child in children {
                thread::spawn(move || child.run(&step.inner));
            }
            return;
        }
        thread::scope(|scope| {
            for child in children {
                scope.spawn(move || child.run(&step.inner));
            }
        });
        self.tell("scoped");
    }

    fn print(&mut self, does: Construct) {
        use Construct::*;
        let (number, done) = (self.number, self.done);
        match does {
            PrintLines => println!("{number}.{done} prints\n{number}.{done} again"),
            PrintPiece => print!("{number}.{done} begins, "),
            PrintSeen => println!("{number}.{done} has seen {}", self.seen),
            PrintError => eprintln!("{number}.{done} complains"),
            PrintLocked => {
                let mut stdout = io::stdout().lock();
                write!(stdout, "{number}.{done} locks").unwrap();
                let before = self.shared.atomic.fetch_add(1, SeqCst);
                writeln!(stdout, " and adds to {before}").unwrap();
                println!("{number}.{done} unlocks");
            }
            EndLocked => {
                let mut stdout = io::stdout().lock();
                write!(stdout, "{number}.{done} locks, ").unwrap();
                self.shared.atomic.fetch_add(1, SeqCst);
            }
            Flush => io::stdout().flush().unwrap(),
            _ => self.tell("prints"),
        }
    }

    fn branch(&mut self, step: &'static Step) {
        use Construct::*;
        match step.does {
            Yield => thread::yield_now(),
            Join => self.join(),
            IsFinished => {
                let finished = self.handles.front().is_none_or(JoinHandle::is_finished);
                self.tell_number("sees finished", finished.into());
            }
            Catch => {
                let caught = panic::catch_unwind(AssertUnwindSafe(|| {
                    self.steps(&step.inner);
                }));
                self.tell(if caught.is_ok() {
                    "caught nothing"
                } else {
                    "caught a panic"
                });
            }
            Panic => panic!("{} panics", self.number),
            PanicWithPayload => panic::panic_any(self.payload()),
            ResumeUnwind => panic::resume_unwind(Box::new(self.payload())),
            Exit => process::exit(3 * step.with as i32),
            _ => process::abort(),
        }
    }

    fn payload(&self) -> Loud {
        Loud {
            what: "payload",
            number: self.number,
            dropped: self.program.payloads,
        }
    }

    fn atomic(&mut self, step: &Step) {
        use Construct::*;
        let atomic = &self.shared.atomic;
        match step.does {
            Load => self.tell_number("loads", atomic.load(SeqCst)),
            Store => atomic.store(step.with as u32 + 2, SeqCst),
            FetchAdd => self.tell_number("adds to", atomic.fetch_add(1, SeqCst)),
            Swap => self.tell_number("swaps", atomic.swap(5, SeqCst)),
            CompareExchange => match atomic.compare_exchange(0, 1, SeqCst, SeqCst) {
                Ok(_) => self.tell("exchanges"),
                Err(found) => self.tell_number("finds", found),
            },
            CompareExchangeLoop => {
                let mut now = atomic.load(SeqCst);
                while let Err(found) = atomic.compare_exchange(now, now + 1, SeqCst, SeqCst) {
                    now = found;
                }
                self.tell_number("exchanges", now);
            }
            FetchUpdate => {
                #[allow(deprecated, reason = "its newer name is not in every std")]
                let updated =
                    atomic.fetch_update(SeqCst, SeqCst, |now| (now < 2).then_some(now + 1));
                self.tell(if updated.is_ok() {
                    "updates"
                } else {
                    "leaves it"
                });
            }
            LoadTwice => {
                let (one, other) = (atomic.load(SeqCst), atomic.load(SeqCst));
                self.tell_number("finds the same:", (one == other).into());
            }
            SpinAWhile => {
                let mut tries = 0;
                while tries < 2 && atomic.load(SeqCst) == 0 {
                    tries += 1;
                    thread::yield_now();
                }
                self.tell_number("tries", tries);
            }
            _ => self.tell_number("adds to all", STATIC_ATOMIC.fetch_add(1, SeqCst)),
        }
    }

    fn mutex(&mut self, step: &'static Step) -> Next {
        use Construct::*;
        let mutex = &self.shared.mutex;
        match step.does {
            Add => {
                let mut count = open(mutex.lock());
                *count += 1;
                self.tell_number("counts", *count);
            }
            Hold => {
                let mut count = open(mutex.lock());
                *count += 1;
                self.seen = *count;
                return self.steps(&step.inner);
            }
            TryLock => match mutex.try_lock() {
                Ok(count) => self.tell_number("sees", *count),
                Err(TryLockError::Poisoned(_)) => self.tell("sees poison"),
                Err(TryLockError::WouldBlock) => self.tell("sees a lock"),
            },
            PanicLocked => {
                let _count = open(mutex.lock());
                panic!("{} panics with the lock", self.number);
            }
            IsPoisoned => self.tell_number("sees poison:", mutex.is_poisoned().into()),
            ClearPoison => mutex.clear_poison(),
            _ => {
                let mut count = open(STATIC_MUTEX.lock());
                *count += 1;
                self.tell_number("counts for all", *count);
            }
        }
        Next::GoOn
    }

    fn lock(&mut self, step: &'static Step) -> Next {
        use Construct::*;
        let lock = &self.shared.lock;
        match step.does {
            Read => {
                let count = open(lock.read());
                self.tell_number("reads", *count);
                return self.steps(&step.inner);
            }
            Write => {
                let mut count = open(lock.write());
                *count += 1;
                return self.steps(&step.inner);
            }
            TryRead => match lock.try_read() {
                Ok(count) => self.tell_number("may read", *count),
                Err(TryLockError::Poisoned(_)) => self.tell("may read poison"),
                Err(TryLockError::WouldBlock) => self.tell("may not read"),
            },
            TryWrite => match lock.try_write() {
                Ok(mut count) => {
                    *count += 10;
                    self.tell_number("may write", *count);
                }
                Err(TryLockError::Poisoned(_)) => self.tell("may write poison"),
                Err(TryLockError::WouldBlock) => self.tell("may not write"),
            },
            _ => {
                let _count = open(lock.write());
                panic!("{} panics while it writes", self.number);
            }
        }
        Next::GoOn
    }

    fn condvar(&mut self, does: Construct) {
        use Construct::*;
        let Shared { flag, raised, .. } = self.shared;
        match does {
            SetOne => {
                *open(flag.lock()) += 1;
                raised.notify_one();
            }
            SetAll => {
                *open(flag.lock()) += 1;
                raised.notify_all();
            }
            NotifyOne => raised.notify_one(),
            NotifyAll => raised.notify_all(),
            Wait => {
                let found = *open(raised.wait(open(flag.lock())));
                self.tell_number("wakes up to", found);
            }
            WaitWhile => {
                let found = *open(raised.wait_while(open(flag.lock()), |flag| *flag == 0));
                self.tell_number("sees the flag", found);
            }
            WaitTimeout => {
                let (found, result) = open(raised.wait_timeout(open(flag.lock()), wait()));
                self.tell_number("timed out:", result.timed_out().into());
                self.seen = *found;
            }
            _ => {
                let condition = |flag: &mut u32| *flag == 0;
                let waited = raised.wait_timeout_while(open(flag.lock()), wait(), condition);
                let (found, result) = open(waited);
                self.tell_number("gave up:", result.timed_out().into());
                self.seen = *found;
            }
        }
    }

    fn once(&mut self, step: &'static Step) {
        use Construct::*;
        let Shared {
            once, cell, lazy, ..
        } = self.shared;
        let number = self.number;
        match step.does {
            CallOnce => once.call_once(|| {
                self.steps(&step.inner);
            }),
            CallOnceForce => once.call_once_force(|state| {
                println!("{number} forces, poisoned: {}", state.is_poisoned());
            }),
            IsCompleted => self.tell_number("sees completed:", once.is_completed().into()),
            OnceWait => {
                once.wait();
                self.tell("waited for once");
            }
            Set => {
                let is_first = cell.set(number + 1).is_ok();
                self.tell_number("sets first:", is_first.into());
            }
            Get => self.tell_number("gets", cell.get().copied().unwrap_or(99)),
            GetOrInit => {
                let found = *cell.get_or_init(|| {
                    self.steps(&step.inner);
                    number + 1
                });
                self.tell_number("gets or makes", found);
            }
            CellWait => {
                let found = *cell.wait();
                self.tell_number("waited for", found);
            }
            _ => {
                let found = **lazy;
                self.tell_number("forces", found);
            }
        }
    }

    fn park(&mut self, does: Construct) {
        use Construct::*;
        match does {
            Park => {
                thread::park();
                self.tell("unparked");
            }
            ParkTimeout => {
                thread::park_timeout(wait());
                self.tell("unparked in time");
            }
            UnparkMain => self.shared.main.unpark(),
            UnparkParent => {
                if let Some(parent) = &self.parent {
                    parent.unpark();
                }
            }
            UnparkChild => {
                if let Some(child) = self.handles.front() {
                    child.thread().unpark();
                }
            }
            _ => {
                let parker = sync::Parker::new();
                let unparker = parker.unparker().clone();
                let shared = self.shared;
                let handle = thread::spawn(move || {
                    shared.atomic.fetch_add(1, SeqCst);
                    unparker.unpark();
                });
                parker.park();
                self.tell_number("parker finds", shared.atomic.load(SeqCst));
                drop(handle.join());
            }
        }
    }

    /// A message with the step as its number.
    fn message(&self) -> Loud {
        Loud {
            what: "message",
            number: 10 * self.number + self.done,
            dropped: self.program.messages,
        }
    }

    fn tell_message<E>(
        &mut self,
        what: &str,
        message: Result<Loud, E>,
        no: impl Fn(E) -> &'static str,
    ) {
        match message {
            Ok(message) => self.tell_number(what, message.number()),
            Err(error) => {
                let (number, done) = (self.number, self.done);
                println!("{number}.{done} {what} {}", no(error));
            }
        }
    }

    fn mpsc(&mut self, does: Construct) {
        use Construct::*;
        let message = self.message();
        match (does, &self.ends.mpsc_sender) {
            (MpscSend | MpscTrySend, Some(MpscSender::Unlimited(sender))) => {
                let sent = sender.send(message).map_err(|error| error.0.number());
                return self.tell_number("sent:", sent.is_ok().into());
            }
            (MpscSend, Some(MpscSender::Limited(sender))) => {
                let sent = sender.send(message).map_err(|error| error.0.number());
                return self.tell_number("sent:", sent.is_ok().into());
            }
            (MpscTrySend, Some(MpscSender::Limited(sender))) => {
                let told = match sender.try_send(message) {
                    Ok(()) => "sent at once",
                    Err(mpsc::TrySendError::Full(message)) => {
                        message.number();
                        "finds it full"
                    }
                    Err(mpsc::TrySendError::Disconnected(message)) => {
                        message.number();
                        "finds nobody"
                    }
                };
                return self.tell(told);
            }
            _ => drop(message.number()),
        }
        match does {
            MpscDropSender => self.ends.mpsc_sender = None,
            MpscDropReceiver => self.ends.mpsc_receiver = None,
            _ => self.mpsc_receive(does),
        }
    }

    fn mpsc_receive(&mut self, does: Construct) {
        use Construct::*;
        let Some(receiver) = self.ends.mpsc_receiver.take() else {
            return;
        };
        match does {
            MpscReceive => self.tell_message("received", receiver.recv(), |_| "the end"),
            MpscTryReceive => {
                self.tell_message("tries", receiver.try_recv(), |error| match error {
                    mpsc::TryRecvError::Empty => "nothing",
                    mpsc::TryRecvError::Disconnected => "the end",
                })
            }
            MpscReceiveTimeout => {
                let received = receiver.recv_timeout(wait());
                self.tell_message("in time:", received, |error| match error {
                    mpsc::RecvTimeoutError::Timeout => "nothing",
                    mpsc::RecvTimeoutError::Disconnected => "the end",
                });
            }
            MpscReceiveAll => {
                for message in &receiver {
                    self.tell_number("one of all:", message.number());
                }
                self.tell("has all");
            }
            _ => {}
        }
        self.ends.mpsc_receiver = Some(receiver);
    }

    fn send(&mut self, step: &Step) {
        use Construct::*;
        let Some(sender) = &self.ends.senders[step.with] else {
            return;
        };
        match step.does {
            Send => {
                let sent = sender
                    .send(self.message())
                    .map_err(|error| error.0.number());
                self.tell_number("sent:", sent.is_ok().into());
            }
            TrySend => {
                let told = match sender.try_send(self.message()) {
                    Ok(()) => "sent at once",
                    Err(TrySendError::Full(message)) => {
                        message.number();
                        "finds it full"
                    }
                    Err(TrySendError::Disconnected(message)) => {
                        message.number();
                        "finds nobody"
                    }
                };
                self.tell(told);
            }
            SendTimeout => {
                let told = match sender.send_timeout(self.message(), wait()) {
                    Ok(()) => "sent in time",
                    Err(SendTimeoutError::Timeout(message)) => {
                        message.number();
                        "finds it full in time"
                    }
                    Err(SendTimeoutError::Disconnected(message)) => {
                        message.number();
                        "finds nobody in time"
                    }
                };
                self.tell(told);
            }
            _ => self.ends.senders[step.with] = None,
        }
    }

    fn receive(&mut self, step: &Step) {
        use Construct::*;
        if step.does == Never {
            let received = never::<Loud>().recv_timeout(wait());
            return self.tell_message("never received", received, |_| "nothing");
        }
        if step.does == DropReceiver {
            self.ends.receivers[step.with] = None;
            return;
        }
        let Some(receiver) = self.ends.receivers[step.with].take() else {
            return;
        };
        match step.does {
            Receive => self.tell_message("received", receiver.recv(), |_| "the end"),
            TryReceive => self.tell_message("tries", receiver.try_recv(), |error| match error {
                TryRecvError::Empty => "nothing",
                TryRecvError::Disconnected => "the end",
            }),
            ReceiveTimeout => {
                let received = receiver.recv_timeout(wait());
                self.tell_message("in time:", received, |error| match error {
                    RecvTimeoutError::Timeout => "nothing",
                    RecvTimeoutError::Disconnected => "the end",
                });
            }
            ReceiveAll => {
                for message in &receiver {
                    self.tell_number("one of all:", message.number());
                }
                self.tell("has all");
            }
            TryReceiveAll => {
                let count = receiver.try_iter().map(Loud::number).count();
                self.tell_number("has so many:", count as u32);
            }
            Length => self.tell_number("counts messages:", receiver.len() as u32),
            _ => {
                let (is_empty, is_full) = (receiver.is_empty(), receiver.is_full());
                self.tell_number(
                    "empty, full:",
                    10 * u32::from(is_empty) + u32::from(is_full),
                );
            }
        }
        self.ends.receivers[step.with] = Some(receiver);
    }

    fn select_both(&mut self, step: &'static Step) -> Next {
        use Construct::*;
        let other = usize::from(step.does != SelectDefault);
        let ends = (&self.ends.senders[other], &self.ends.receivers[1 - other]);
        let (Some(sender), Some(receiver)) = ends else {
            return Next::GoOn;
        };
        let (sender, receiver) = (sender.clone(), receiver.clone());
        let end = |_| "the end";
        let number = |sent: Result<(), crossbeam_channel::SendError<Loud>>| {
            u32::from(sent.map_err(|error| error.0.number()).is_ok())
        };
        match step.does {
            SelectBoth => select! {
                recv(receiver) -> message => self.tell_message("selected", message, end),
                send(sender, self.message()) -> sent => self.tell_number("selected sending", number(sent)),
            },
            SelectDefault => {
                let mut is_default = false;
                select! {
                    recv(receiver) -> message => self.tell_message("selected", message, end),
                    send(sender, self.message()) -> sent => self.tell_number("selected sending", number(sent)),
                    default => is_default = true,
                }
                if is_default {
                    return self.steps(&step.inner);
                }
            }
            _ => select! {
                recv(receiver) -> message => self.tell_message("selected", message, end),
                send(sender, self.message()) -> sent => self.tell_number("selected sending", number(sent)),
                default(wait()) => self.tell("selected in vain"),
            },
        }
        Next::GoOn
    }

    fn select_received(&mut self, step: &Step) {
        use Construct::*;
        let end = |_| "the end";
        match (step.does, &self.ends.receivers) {
            (SelectBiased, [Some(one), Some(other)]) => {
                let (one, other) = (one.clone(), other.clone());
                select_biased! {
                    recv(one) -> message => self.tell_message("prefers", message, end),
                    recv(other) -> message => self.tell_message("takes", message, end),
                    default(wait()) => self.tell("takes neither"),
                }
            }
            (SelectAfter | SelectNever, receivers) => {
                let Some(receiver) = receivers[step.with].clone() else {
                    return;
                };
                if step.does == SelectAfter {
                    select! {
                        recv(receiver) -> message => self.tell_message("selected", message, end),
                        recv(after(wait())) -> _ => self.tell("selected after"),
                    }
                } else {
                    let nothing = never::<Loud>();
                    select! {
                        recv(nothing) -> message => self.tell_message("never selected", message, end),
                        recv(receiver) -> message => self.tell_message("selected", message, end),
                        default => self.tell("selected nothing"),
                    }
                }
            }
            _ => {}
        }
    }

    fn select_list(&mut self, step: &Step) {
        use Construct::*;
        let ends = match step.does {
            ListBiased => {
                let [Some(one), Some(other)] = &self.ends.receivers else {
                    return;
                };
                let (one, other) = (one.clone(), other.clone());
                let mut list = Select::new_biased();
                let first = list.recv(&one);
                list.recv(&other);
                let selected = list.select();
                let (what, from) = if selected.index() == first {
                    ("prefers", &one)
                } else {
                    ("takes", &other)
                };
                return self.tell_message(what, selected.recv(from), |_| "the end");
            }
            ListSelect | ListTimeout | ListReady => {
                (&self.ends.senders[1], &self.ends.receivers[0])
            }
            _ => (&self.ends.senders[0], &self.ends.receivers[1]),
        };
        let (Some(sender), Some(receiver)) = ends else {
            return;
        };
        let (sender, receiver) = (sender.clone(), receiver.clone());
        let mut list = Select::new();
        let sending = list.send(&sender);
        let receiving = list.recv(&receiver);
        let selected = match step.does {
            ListSelect => Some(list.select()),
            ListTry => list.try_select().ok(),
            ListTimeout => list.select_timeout(wait()).ok(),
            _ => {
                let ready = match step.does {
                    ListReady => Some(list.ready()),
                    ListTryReady => list.try_ready().ok(),
                    _ => list.ready_timeout(wait()).ok(),
                };
                return match ready {
                    None => self.tell("nothing is ready"),
                    Some(ready) if ready == receiving => {
                        self.tell_message("is ready:", receiver.try_recv(), |error| match error {
                            TryRecvError::Empty => "nothing",
                            TryRecvError::Disconnected => "the end",
                        });
                    }
                    Some(_) => self.tell("is ready to send"),
                };
            }
        };
        match selected {
            None => self.tell("nothing selected"),
            Some(selected) if selected.index() == sending => {
                let sent = selected.send(&sender, self.message());
                let sent = sent.map_err(|error| error.0.number());
                self.tell_number("selected sending", sent.is_ok().into());
            }
            Some(selected) => {
                self.tell_message("selected", selected.recv(&receiver), |_| "the end");
            }
        }
    }

    fn owners(&mut self, does: Construct) {
        use Construct::*;
        match does {
            Upgrade => {
                let is_there = self
                    .ends
                    .weak
                    .as_ref()
                    .is_some_and(|weak| weak.upgrade().is_some());
                return self.tell_number("upgrades:", is_there.into());
            }
            DropWeak => return self.ends.weak = None,
            _ => {}
        }
        let Some(mut owner) = self.ends.owner.take() else {
            return;
        };
        match does {
            DropOwner => return,
            StrongCount => self.tell_number("owners:", Arc::strong_count(&owner) as u32),
            WeakCount => self.tell_number("weak ones:", Arc::weak_count(&owner) as u32),
            Downgrade => self.ends.weak = Some(Arc::downgrade(&owner)),
            GetMut => self.tell_number("alone:", Arc::get_mut(&mut owner).is_some().into()),
            IntoInner => {
                let is_last = Arc::into_inner(owner).is_some();
                return self.tell_number("is last:", is_last.into());
            }
            _ => match Arc::try_unwrap(owner) {
                Ok(_) => return self.tell("unwraps"),
                Err(back) => {
                    owner = back;
                    self.tell("can't unwrap");
                }
            },
        }
        self.ends.owner = Some(owner);
    }
}
