//! Modelled objects in a `static`, one within another.

use super::programs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock, RwLock};
use std::thread;

programs! {
    an_atomic_within_a_lock: any ["5 6\n", "6 5\n"];
    an_atomic_that_is_changed_through_its_lock: any ["1\n", "7\n"];
    an_atomic_is_put_back_when_all_begins_again: any ["1 7 true\n"];
    a_lock_within_a_cell: any ["1 2\n", "2 1\n"];
    a_lock_within_a_lock: any ["0\n", "3\n"];
    one_of_two_alike: any ["false\n", "true\n"];
    the_last_of_two_changes: any ["1\n", "2\n"];
    a_static_before_another: any ["0\n", "1\n"];
    a_static_of_one_byte: any ["false\n", "true\n"];
}

/// What two threads get by this, in the order of their start.
fn by_two(get: fn() -> u32) {
    let other = thread::spawn(get);
    let mine = get();
    println!("{mine} {}", other.join().unwrap());
}

fn an_atomic_within_a_lock() {
    static LOCK: Mutex<AtomicU32> = Mutex::new(AtomicU32::new(4));
    by_two(|| LOCK.lock().unwrap().fetch_add(1, SeqCst) + 1);
}

fn an_atomic_that_is_changed_through_its_lock() {
    static LOCK: RwLock<AtomicU32> = RwLock::new(AtomicU32::new(1));
    let other = thread::spawn(|| *LOCK.write().unwrap().get_mut() = 7);
    let seen = LOCK.read().unwrap().load(SeqCst);
    other.join().unwrap();
    println!("{seen}");
}

/// The last look makes the engine begin again, in a finer view.
fn an_atomic_is_put_back_when_all_begins_again() {
    static LOCK: Mutex<AtomicU32> = Mutex::new(AtomicU32::new(1));
    let before = std::mem::replace(LOCK.lock().unwrap().get_mut(), 7);
    let after = LOCK.lock().unwrap().load(SeqCst);
    println!("{before} {after} {}", LOCK.try_lock().is_ok());
}

fn a_lock_within_a_cell() {
    static CELL: OnceLock<Mutex<u32>> = OnceLock::new();
    by_two(|| {
        let mut number = CELL.get_or_init(|| Mutex::new(0)).lock().unwrap();
        *number += 1;
        *number
    });
}

fn a_lock_within_a_lock() {
    static OUTER: Mutex<Mutex<u32>> = Mutex::new(Mutex::new(0));
    let other = thread::spawn(|| *OUTER.lock().unwrap().get_mut().unwrap() = 3);
    let seen = *OUTER.lock().unwrap().lock().unwrap();
    other.join().unwrap();
    println!("{seen}");
}

/// Which of the two was changed is all that remains of how it began.
fn one_of_two_alike() {
    static BEGAN: AtomicU32 = AtomicU32::new(0);
    static ONE: AtomicU32 = AtomicU32::new(0);
    static OTHER: AtomicU32 = AtomicU32::new(0);
    let thread = thread::spawn(|| BEGAN.store(1, SeqCst));
    if BEGAN.load(SeqCst) == 1 {
        ONE.store(1, SeqCst);
    } else {
        OTHER.store(1, SeqCst);
    }
    thread.join().unwrap();
    println!("{}", ONE.load(SeqCst) == 1);
}

fn the_last_of_two_changes() {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| NUMBER.store(1, SeqCst));
        scope.spawn(|| NUMBER.store(2, SeqCst));
    });
    println!("{}", NUMBER.load(SeqCst));
}

/// In memory it comes first, and is touched last.
fn a_static_before_another() {
    static BOTH: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
    BOTH[1].store(1, SeqCst);
    let other = thread::spawn(|| BOTH[0].store(1, SeqCst));
    let seen = BOTH[0].load(SeqCst);
    other.join().unwrap();
    println!("{seen}");
}

fn a_static_of_one_byte() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let other = thread::spawn(|| FLAG.store(true, SeqCst));
    let seen = FLAG.load(SeqCst);
    other.join().unwrap();
    println!("{seen}");
}
