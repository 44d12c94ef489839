//! What the documentation of std and crossbeam-channel promises, each as a
//! small program.

use crossbeam_channel::{
    self as channel, Select, bounded, never, select, select_biased, unbounded,
};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{
    Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, TryLockError, mpsc,
};
use std::thread;
use std::time::{Duration, Instant};

/// A program with its name.
pub type Semantics = (&'static str, fn());

macro_rules! programs {
    ($($name:ident)*) => {
        /// All of them.
        pub const ALL: &[Semantics] = &[$((stringify!($name), $name),)*];
    };
}

programs! {
    messages_outlive_senders
    send_without_receivers_fails
    zero_capacity_try_send_needs_a_receiver
    full_channel_refuses
    timeout_without_message
    iterating_ends_when_senders_are_gone
    any_receiver_may_win
    disconnected_is_ready
    select_takes_any_ready
    biased_select_takes_first
    default_when_nothing_is_ready
    never_is_never_ready
    select_list
    after_fires_once
    mutex_is_poisoned
    try_lock_would_block
    poison_can_be_cleared
    readers_share
    condvar_waits
    barrier_has_one_leader
    once_runs_once
    once_lock_first_wins
    lazy_lock_is_shared
    park_token_is_kept
    scope_waits
    scoped_panic
    join_gives_the_panic
    locals_are_each_threads_own
    locals_are_dropped_at_the_end
    arc_try_unwrap
    mpsc_sync_channel
    mpsc_disconnects
    exit_kills_threads
    atomics_are_in_one_order
    dropped_receiver_drops_messages
}

fn messages_outlive_senders() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    drop(sender);
    println!("{:?} {:?}", receiver.recv(), receiver.recv());
}

fn send_without_receivers_fails() {
    let (sender, receiver) = bounded(1);
    drop(receiver);
    println!("{:?}", sender.send(1));
}

fn zero_capacity_try_send_needs_a_receiver() {
    let (sender, receiver) = bounded(0);
    println!("{:?}", sender.try_send(1));
    let thread = thread::spawn(move || println!("{:?}", receiver.recv()));
    println!("{:?}", sender.try_send(2));
    drop(sender);
    thread.join().unwrap();
}

fn full_channel_refuses() {
    let (sender, receiver) = bounded(1);
    println!("{:?} {:?}", sender.try_send(1), sender.try_send(2));
    println!(
        "{} {} {}",
        sender.is_full(),
        sender.len(),
        receiver.is_empty()
    );
}

fn timeout_without_message() {
    let (sender, receiver) = bounded::<u32>(1);
    println!("{:?}", receiver.recv_timeout(Duration::from_millis(1)));
    drop(sender);
    println!("{:?}", receiver.recv_timeout(Duration::from_millis(1)));
}

fn iterating_ends_when_senders_are_gone() {
    let (sender, receiver) = unbounded();
    let other = sender.clone();
    thread::spawn(move || other.send(1).unwrap());
    thread::spawn(move || sender.send(2).unwrap());
    println!("{:?}", receiver.iter().collect::<Vec<_>>());
}

fn any_receiver_may_win() {
    let (sender, receiver) = bounded(0);
    let threads = [1, 2].map(|id| {
        let receiver = receiver.clone();
        thread::spawn(move || {
            receiver
                .recv()
                .map(|message| println!("{id} got {message}"))
        })
    });
    sender.send('m').unwrap();
    drop(sender);
    for thread in threads {
        let _ = thread.join().unwrap();
    }
}

fn disconnected_is_ready() {
    let (sender, receiver) = unbounded::<u32>();
    drop(sender);
    select! {
        recv(receiver) -> message => println!("{message:?}"),
        default => println!("not ready"),
    }
}

fn select_takes_any_ready() {
    let (first, one) = unbounded();
    let (second, other) = unbounded();
    first.send(1).unwrap();
    second.send(2).unwrap();
    select! {
        recv(one) -> message => println!("one {message:?}"),
        recv(other) -> message => { println!("other {message:?}") }
    }
}

fn biased_select_takes_first() {
    let (first, one) = unbounded();
    let (second, other) = unbounded();
    first.send(1).unwrap();
    second.send(2).unwrap();
    select_biased! {
        recv(one) -> message => println!("one {message:?}"),
        recv(other) -> message => println!("other {message:?}"),
    }
}

fn default_when_nothing_is_ready() {
    let (sender, receiver) = bounded::<u32>(0);
    let result = select! {
        recv(receiver) -> _ => "received",
        send(sender, 1) -> _ => "sent",
        default(Duration::from_millis(1)) => "timed out",
    };
    println!("{result}");
}

fn never_is_never_ready() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    select! {
        recv(&never::<u32>()) -> _ => println!("never"),
        recv(receiver) -> message => println!("{message:?}"),
    }
}

fn select_list() {
    let channels: Vec<_> = (0..3).map(|_| bounded(1)).collect();
    channels[1].0.send("one").unwrap();
    channels[2].0.send("two").unwrap();
    let mut select = Select::new();
    for (_, receiver) in &channels {
        select.recv(receiver);
    }
    let operation = select.select();
    let index = operation.index();
    println!("{index} {:?}", operation.recv(&channels[index].1));
}

fn after_fires_once() {
    let receiver = channel::after(Duration::from_millis(1));
    println!("{}", receiver.recv().is_ok());
    println!("{:?}", receiver.try_recv().is_err());
}

fn mutex_is_poisoned() {
    let mutex = Arc::new(Mutex::new(0));
    let theirs = Arc::clone(&mutex);
    let result = thread::spawn(move || {
        let mut value = theirs.lock().unwrap();
        *value = 1;
        panic!("while holding it");
    })
    .join();
    let value = match mutex.lock() {
        Ok(_) => panic!("not poisoned"),
        Err(poison) => *poison.into_inner(),
    };
    println!("{} {value} {}", result.is_err(), mutex.is_poisoned());
}

fn try_lock_would_block() {
    let mutex = Mutex::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _guard = mutex.lock().unwrap();
            println!("locked");
        });
        match mutex.try_lock() {
            Ok(_) => println!("free"),
            Err(TryLockError::WouldBlock) => println!("held"),
            Err(TryLockError::Poisoned(_)) => println!("poisoned"),
        }
    });
}

fn poison_can_be_cleared() {
    let lock = Arc::new(RwLock::new(0));
    let theirs = Arc::clone(&lock);
    let _ = thread::spawn(move || {
        let _guard = theirs.write().unwrap();
        panic!("while writing");
    })
    .join();
    let before = lock.is_poisoned();
    lock.clear_poison();
    println!("{before} {} {}", lock.is_poisoned(), lock.read().is_ok());
}

fn readers_share() {
    let lock = RwLock::new(1);
    let one = lock.read().unwrap();
    let other = lock.try_read().unwrap();
    println!("{} {}", *one + *other, lock.try_write().is_err());
}

fn condvar_waits() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&pair);
    let thread = thread::spawn(move || {
        let (ready, condvar) = &*theirs;
        *ready.lock().unwrap() = true;
        condvar.notify_one();
        println!("told");
    });
    let (ready, condvar) = &*pair;
    let mut guard = ready.lock().unwrap();
    while !*guard {
        guard = condvar.wait(guard).unwrap();
    }
    println!("knows");
    drop(guard);
    thread.join().unwrap();
}

fn barrier_has_one_leader() {
    let barrier = Barrier::new(3);
    let leaders = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                println!("comes");
                if barrier.wait().is_leader() {
                    leaders.fetch_add(1, Ordering::SeqCst);
                }
                println!("goes");
            });
        }
    });
    println!("{}", leaders.load(Ordering::SeqCst));
}

fn once_runs_once() {
    static ONCE: Once = Once::new();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| ONCE.call_once(|| println!("once")));
        }
    });
    println!("{}", ONCE.is_completed());
}

fn once_lock_first_wins() {
    let lock = OnceLock::new();
    thread::scope(|scope| {
        for id in 1..=2 {
            let lock = &lock;
            scope.spawn(move || lock.set(id).is_ok());
        }
    });
    println!("{:?}", lock.get());
}

fn lazy_lock_is_shared() {
    static LAZY: LazyLock<String> = LazyLock::new(|| {
        println!("made");
        "lazy".to_owned()
    });
    let thread = thread::spawn(|| LAZY.len());
    println!("{}", LAZY.len() + thread.join().unwrap());
}

fn park_token_is_kept() {
    thread::current().unpark();
    thread::park();
    println!("went on");
    let main = thread::current();
    let told = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&told);
    thread::spawn(move || {
        theirs.store(1, Ordering::SeqCst);
        main.unpark();
    });
    while told.load(Ordering::SeqCst) == 0 {
        thread::park();
    }
    println!("went on again");
}

fn scope_waits() {
    let mut count = 0;
    let value = thread::scope(|scope| {
        scope.spawn(|| count += 1);
        scope.spawn(|| println!("in the scope")).join().unwrap();
        7
    });
    println!("{count} {value}");
}

fn scoped_panic() {
    let result = std::panic::catch_unwind(|| {
        thread::scope(|scope| {
            scope.spawn(|| panic!("in the scope"));
        });
    });
    let payload = result.unwrap_err();
    println!("{:?}", payload.downcast_ref::<&str>());
}

fn join_gives_the_panic() {
    let what = 7;
    let result = thread::spawn(move || panic!("panic {what}")).join();
    println!("{:?}", result.unwrap_err().downcast_ref::<String>());
}

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(1) };
    static LOUD: Loud = const { Loud };
}

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        println!("dropped");
    }
}

fn locals_are_each_threads_own() {
    COUNT.set(COUNT.get() + 1);
    let theirs = thread::spawn(|| {
        COUNT.set(COUNT.get() + 10);
        COUNT.get()
    });
    println!("{} {}", theirs.join().unwrap(), COUNT.get());
}

fn locals_are_dropped_at_the_end() {
    thread::spawn(|| LOUD.with(|_| println!("used")))
        .join()
        .unwrap();
    println!("joined");
}

fn arc_try_unwrap() {
    let arc = Arc::new(5);
    let theirs = Arc::clone(&arc);
    let thread = thread::spawn(move || drop(theirs));
    println!("{}", Arc::try_unwrap(arc).is_ok());
    thread.join().unwrap();
}

fn mpsc_sync_channel() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let thread = thread::spawn(move || {
        sender.send(1).unwrap();
        println!("sent");
    });
    println!("{:?}", receiver.recv());
    thread.join().unwrap();
    println!("{:?}", receiver.recv());
}

fn mpsc_disconnects() {
    let (sender, receiver) = mpsc::channel();
    sender.send(1).unwrap();
    drop(receiver);
    println!("{:?}", sender.send(2));
}

fn exit_kills_threads() {
    thread::spawn(|| println!("a thread"));
    println!("main");
    std::process::exit(3);
}

fn atomics_are_in_one_order() {
    let (one, other) = (AtomicU32::new(0), AtomicU32::new(0));
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| {
            one.store(1, Ordering::SeqCst);
            other.load(Ordering::SeqCst)
        });
        let second = scope.spawn(|| {
            other.store(1, Ordering::SeqCst);
            one.load(Ordering::SeqCst)
        });
        (first.join().unwrap(), second.join().unwrap())
    });
    println!("{first}{second}");
}

fn dropped_receiver_drops_messages() {
    let (sender, receiver) = unbounded();
    sender.send(Loud).unwrap();
    drop(receiver);
    println!("receiver gone");
    let start = Instant::now();
    drop(sender);
    let _ = start;
}
