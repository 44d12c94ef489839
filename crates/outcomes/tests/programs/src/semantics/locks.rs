//! `Mutex` and `RwLock`, of std.

use super::programs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError, RwLock, TryLockError};
use std::thread;

programs! {
    shards_are_poisoned: any ["false true\n"];
    a_writer_who_waits_elsewhere_holds_back_nobody: any ["true\n"];
    a_reader_lets_go_later: any ["", "false\n", "true\n"];
    a_writer_lets_go_later: any ["", "false\n", "true\n"];
    a_mutex_is_let_go_later: any ["", "false\n", "true\n"];
    a_lock_is_poisoned_meanwhile: any [
        "false false false false\n", "false false false true\n", "false false true true\n",
        "false true false true\n", "false true true true\n", "true true true true\n",
    ];
    poison_is_cleared_meanwhile: any ["false\n", "true\n"];
    poison_of_a_rwlock_is_cleared_meanwhile: any ["false\n", "true\n"];
    poison_is_cleared: any ["true false true false\n"];
    one_holds_a_mutex: any ["one one\nother other\n", "other other\none one\n"];
    a_mutex_gives_its_value: any ["1 2 3\n"];
    a_mutex_is_poisoned: any ["true 1 true 1\n"];
    a_mutex_is_not_poisoned_by_who_let_go: any ["false\n"];
    a_caught_panic_poisons: any ["true\n"];
    a_lock_taken_while_panicking_is_not_poisoned: any ["false\n"];
    a_poisoned_mutex_gives_its_value: any ["1 2 Err(2)\n"];
    mutex_poison_can_be_cleared: any ["true false Ok(0)\n"];
    try_lock_would_block: any [
        "free\nlocked\n", "held\nlocked\n", "locked\nfree\n", "locked\nheld\n",
    ];
    try_lock_of_every_kind: any ["free held poisoned\n"];
    locking_twice_never_ends: any ["[deadlocks]"];
    readers_share: any ["2 true\n"];
    a_writer_is_alone: any ["true true\n"];
    readers_wait_for_the_writer: any ["0\n", "2\n"];
    a_waiting_writer_may_hold_back_a_reader: any ["[deadlocks]", "one two\n"];
    a_waiting_writer_may_refuse_a_reader: any ["false\n", "true\n"];
    a_waiting_writer_holds_back_no_writer: any ["false\n"];
    a_waiting_reader_holds_back_no_reader: any ["true\n"];
    a_writer_that_is_through_holds_back_nobody: any ["0 2\n", "2 2\n"];
    readers_that_meet_may_be_kept_apart: any [
        "[deadlocks]", "met\nmet\nwritten\n", "written\nmet\nmet\n",
    ];
    a_rwlock_is_poisoned_by_a_writer: any ["true 1 1 true true\n"];
    a_rwlock_is_not_poisoned_by_a_reader: any ["false\n"];
    rwlock_poison_can_be_cleared: any ["true false true\n"];
    a_rwlock_gives_its_value: any ["1 2 3\n"];
    debug_of_locks: any ["\
Mutex { data: 1, poisoned: false, .. } 1 1
Mutex { data: 0, poisoned: true, .. }
RwLock { data: 2, poisoned: false, .. } 3 3
"];
}

fn one_holds_a_mutex() {
    let mutex = Mutex::new(());
    thread::scope(|scope| {
        let mutex = &mutex;
        for what in ["one", "other"] {
            scope.spawn(move || {
                let _guard = mutex.lock().unwrap();
                print!("{what} ");
                println!("{what}");
            });
        }
    });
}

fn a_mutex_gives_its_value() {
    let mut mutex = Mutex::from(1);
    let one = *mutex.lock().unwrap();
    *mutex.get_mut().unwrap() = 2;
    let two = *mutex.lock().unwrap();
    *mutex.lock().unwrap() += 1;
    println!("{one} {two} {}", mutex.into_inner().unwrap());
}

fn a_mutex_is_poisoned() {
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
    // It stays so.
    let again = mutex.lock().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} {value} {} {again}",
        result.is_err(),
        mutex.is_poisoned()
    );
}

fn a_mutex_is_not_poisoned_by_who_let_go() {
    let mutex = Arc::new(Mutex::new(0));
    let theirs = Arc::clone(&mutex);
    let thread = thread::spawn(move || {
        *theirs.lock().unwrap() = 1;
        panic!("without it");
    });
    let _ = thread.join();
    println!("{}", mutex.is_poisoned());
}

fn a_caught_panic_poisons() {
    let mutex = Mutex::new(0);
    let _ = std::panic::catch_unwind(|| {
        let _guard = mutex.lock().unwrap();
        panic!("while holding it");
    });
    println!("{}", mutex.is_poisoned());
}

struct Locks<'a>(&'a Mutex<u32>);

impl Drop for Locks<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

fn a_lock_taken_while_panicking_is_not_poisoned() {
    let mutex = Mutex::new(0);
    let _ = std::panic::catch_unwind(|| {
        let _locks = Locks(&mutex);
        panic!("without it");
    });
    println!("{}", mutex.is_poisoned());
}

fn poison<T: Send>(mutex: &Mutex<T>) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _guard = mutex.lock().unwrap();
            panic!("while holding it");
        });
        let _ = thread.join();
    });
}

fn a_poisoned_mutex_gives_its_value() {
    let mut mutex = Mutex::new(1);
    poison(&mutex);
    let value = mutex.get_mut().unwrap_err().into_inner();
    let one = *value;
    *value = 2;
    let two = *mutex.lock().unwrap_err().into_inner();
    let inner = mutex.into_inner().map_err(PoisonError::into_inner);
    println!("{one} {two} {inner:?}");
}

fn mutex_poison_can_be_cleared() {
    let mutex = Mutex::new(0);
    poison(&mutex);
    let before = mutex.is_poisoned();
    mutex.clear_poison();
    let value = mutex.lock().map(|guard| *guard).map_err(|_| ());
    println!("{before} {} {value:?}", mutex.is_poisoned());
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

fn kind<T>(result: Result<T, TryLockError<T>>) -> &'static str {
    match result {
        Ok(_) => "free",
        Err(TryLockError::WouldBlock) => "held",
        Err(TryLockError::Poisoned(_)) => "poisoned",
    }
}

fn try_lock_of_every_kind() {
    let mutex = Mutex::new(0);
    let free = kind(mutex.try_lock());
    let guard = mutex.lock().unwrap();
    let held = kind(mutex.try_lock());
    drop(guard);
    poison(&mutex);
    println!("{free} {held} {}", kind(mutex.try_lock()));
}

fn locking_twice_never_ends() {
    // It may deadlock or panic; it doesn't return.
    let mutex = Mutex::new(0);
    let _guard = mutex.lock().unwrap();
    let _other = mutex.lock().unwrap();
}

fn readers_share() {
    let lock = RwLock::new(1);
    let one = lock.read().unwrap();
    let other = lock.try_read().unwrap();
    println!("{} {}", *one + *other, lock.try_write().is_err());
}

fn a_writer_is_alone() {
    let lock = RwLock::new(1);
    let guard = lock.write().unwrap();
    let (read, write) = (kind(lock.try_read()), kind(lock.try_write()));
    drop(guard);
    println!(
        "{} {}",
        (read, write) == ("held", "held"),
        lock.try_write().is_ok()
    );
}

fn readers_wait_for_the_writer() {
    let lock = RwLock::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut value = lock.write().unwrap();
            *value += 1;
            thread::yield_now();
            *value += 1;
        });
        println!("{}", *lock.read().unwrap());
    });
}

fn a_waiting_writer_may_hold_back_a_reader() {
    let lock = RwLock::new(());
    thread::scope(|scope| {
        let one = lock.read().unwrap();
        scope.spawn(|| drop(lock.write().unwrap()));
        let other = lock.read().unwrap();
        print!("one ");
        drop(one);
        println!("two");
        drop(other);
    });
}

fn a_waiting_writer_may_refuse_a_reader() {
    let lock = RwLock::new(());
    thread::scope(|scope| {
        let reading = lock.read().unwrap();
        scope.spawn(|| drop(lock.write().unwrap()));
        println!("{}", lock.try_read().is_ok());
        drop(reading);
    });
}

fn a_waiting_writer_holds_back_no_writer() {
    let lock = RwLock::new(());
    thread::scope(|scope| {
        let reading = lock.read().unwrap();
        scope.spawn(|| drop(lock.write().unwrap()));
        println!("{}", lock.try_write().is_ok());
        drop(reading);
    });
}

fn a_waiting_reader_holds_back_no_reader() {
    let lock = RwLock::new(());
    thread::scope(|scope| {
        let reading = lock.read().unwrap();
        scope.spawn(|| drop(lock.read().unwrap()));
        println!("{}", lock.try_read().is_ok());
        drop(reading);
    });
}

fn a_writer_that_is_through_holds_back_nobody() {
    let lock = RwLock::new(0);
    thread::scope(|scope| {
        let writer = scope.spawn(|| *lock.write().unwrap() += 2);
        let before = *lock.read().unwrap();
        writer.join().unwrap();
        println!("{before} {}", lock.read().unwrap());
    });
}

fn readers_that_meet_may_be_kept_apart() {
    let (lock, barrier) = (RwLock::new(()), Barrier::new(2));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let _reading = lock.read().unwrap();
                barrier.wait();
                println!("met");
            });
        }
        let _writing = lock.write().unwrap();
        println!("written");
    });
}

fn a_rwlock_is_poisoned_by_a_writer() {
    let lock = Arc::new(RwLock::new(0));
    let theirs = Arc::clone(&lock);
    let thread = thread::spawn(move || {
        *theirs.write().unwrap() = 1;
        let _guard = theirs.write().unwrap();
        panic!("while writing");
    });
    let panicked = thread.join().is_err();
    let read = *lock.read().unwrap_err().into_inner();
    let written = *lock.write().unwrap_err().into_inner();
    let tried = kind(lock.try_read()) == "poisoned" && kind(lock.try_write()) == "poisoned";
    println!("{panicked} {read} {written} {} {tried}", lock.is_poisoned());
}

fn a_rwlock_is_not_poisoned_by_a_reader() {
    let lock = Arc::new(RwLock::new(0));
    let theirs = Arc::clone(&lock);
    let thread = thread::spawn(move || {
        let _guard = theirs.read().unwrap();
        panic!("while reading");
    });
    let _ = thread.join();
    println!("{}", lock.is_poisoned());
}

fn rwlock_poison_can_be_cleared() {
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

fn a_rwlock_gives_its_value() {
    let mut lock = RwLock::from(1);
    let one = *lock.read().unwrap();
    *lock.get_mut().unwrap() = 2;
    let two = *lock.read().unwrap();
    *lock.write().unwrap() += 1;
    println!("{one} {two} {}", lock.into_inner().unwrap());
}

fn debug_of_locks() {
    let mutex = Mutex::new(1);
    let free = format!("{mutex:?}");
    let guard = mutex.lock().unwrap();
    println!("{free} {guard:?} {guard}");
    let mutex = Mutex::new(0);
    poison(&mutex);
    println!("{mutex:?}");
    let lock = RwLock::new(2);
    let free = format!("{lock:?}");
    let mut guard = lock.write().unwrap();
    *guard = 3;
    println!("{free} {guard:?} {guard}");
}

fn a_lock_is_poisoned_meanwhile() {
    let (mutex, rwlock) = (Mutex::new(()), RwLock::new(()));
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _guards = (rwlock.write().unwrap(), mutex.lock().unwrap());
            panic!("poison");
        });
        let (one, two) = (mutex.is_poisoned(), rwlock.is_poisoned());
        let (three, four) = (mutex.is_poisoned(), rwlock.is_poisoned());
        println!("{one} {two} {three} {four}");
        thread.join().unwrap_err();
    });
}

/// Looks for poison while another thread clears it.
fn clear_meanwhile(is_poisoned: impl FnOnce() -> bool, clear: impl FnOnce() + Send) {
    thread::scope(|scope| {
        scope.spawn(clear);
        println!("{}", is_poisoned());
    });
}

fn poison_is_cleared_meanwhile() {
    let mutex = Mutex::new(0);
    poison(&mutex);
    clear_meanwhile(|| mutex.is_poisoned(), || mutex.clear_poison());
}

fn poison_of_a_rwlock_is_cleared_meanwhile() {
    let lock = RwLock::new(0);
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _guard = lock.write().unwrap();
            panic!("while writing");
        });
        drop(thread.join());
    });
    clear_meanwhile(|| lock.is_poisoned(), || lock.clear_poison());
}

fn poison_is_cleared() {
    let (mutex, rwlock) = (Mutex::new(()), RwLock::new(()));
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _guards = (rwlock.write().unwrap(), mutex.lock().unwrap());
            panic!("poison");
        });
        thread.join().unwrap_err();
    });
    let before = (mutex.is_poisoned(), rwlock.is_poisoned());
    mutex.clear_poison();
    rwlock.clear_poison();
    let after = (mutex.is_poisoned(), rwlock.is_poisoned());
    println!("{} {} {} {}", before.0, after.0, before.1, after.1);
}

/// Tries while one thread holds something, or just did.
fn tries_behind<G>(lock: impl FnOnce() -> G + Send, tries: impl FnOnce() -> bool) {
    let taken = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = lock();
            taken.store(true, Ordering::SeqCst);
            drop(guard);
        });
        if taken.load(Ordering::SeqCst) {
            println!("{}", tries());
        }
    });
}

fn a_reader_lets_go_later() {
    let lock = RwLock::new(());
    tries_behind(|| lock.read(), || lock.try_write().is_ok());
}

fn a_writer_lets_go_later() {
    let lock = RwLock::new(());
    tries_behind(|| lock.write(), || lock.try_read().is_ok());
}

fn a_mutex_is_let_go_later() {
    let lock = Mutex::new(());
    tries_behind(|| lock.lock(), || lock.try_lock().is_ok());
}

fn a_writer_who_waits_elsewhere_holds_back_nobody() {
    let (one, other) = (RwLock::new(()), RwLock::new(()));
    thread::scope(|scope| {
        let reading = (one.read().unwrap(), other.read().unwrap());
        scope.spawn(|| drop(one.write().unwrap()));
        println!("{}", other.try_read().is_ok());
        drop(reading);
    });
}

fn shards_are_poisoned() {
    let lock = crossbeam_utils::sync::ShardedLock::new(0);
    let before = lock.is_poisoned();
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _guard = lock.write().unwrap();
            panic!("while writing");
        });
        drop(thread.join());
    });
    println!("{before} {}", lock.is_poisoned());
}
