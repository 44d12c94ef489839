//! `AtomicCell`, `ShardedLock`, `Backoff` and `CachePadded`, of crossbeam-utils.

use super::{Loud, programs};
use crossbeam_utils::atomic::AtomicCell;
use crossbeam_utils::sync::ShardedLock;
use crossbeam_utils::{Backoff, CachePadded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

programs! {
    a_cell_loses_updates: any ["1\n", "2\n"];
    a_cell_is_updated_at_once: any ["2\n"];
    every_way_to_a_cell: any ["1 2 Ok(3) Err(4) Ok(4) 5 0 7 true false\n"];
    a_cell_drops_what_it_had: any ["one dropped\nother dropped\n"];
    debug_of_cells: any ["AtomicCell { value: 1 } 3 Backoff { step: Cell { value: 0 }, is_completed: false }\n"];
    debug_of_sharded_locks: any ["\
ShardedLock { data: 2 } ShardedLockReadGuard { lock: ShardedLock { data: 2 } }
ShardedLockWriteGuard { lock: ShardedLock { data: <locked> } }
"];
    readers_share_a_sharded_lock: any ["2 true\n"];
    a_sharded_lock_has_one_writer: any ["2\n"];
    a_sharded_lock_is_poisoned: any ["true 1\n"];
    backing_off_until_it_is_set: any ["done\n"];
    backing_off_gets_to_its_end: any ["false true false\n"];
}

fn a_cell_loses_updates() {
    let cell = AtomicCell::new(0_u32);
    thread::scope(|scope| {
        scope.spawn(|| cell.store(cell.load() + 1));
        cell.store(cell.load() + 1);
    });
    println!("{}", cell.load());
}

fn a_cell_is_updated_at_once() {
    let cell = AtomicCell::new(0_u32);
    thread::scope(|scope| {
        scope.spawn(|| cell.fetch_add(1));
        scope.spawn(|| cell.fetch_update(|value| Some(value + 1)));
    });
    println!("{}", cell.into_inner());
}

fn every_way_to_a_cell() {
    let cell = AtomicCell::new(1_u32);
    let one = cell.swap(2);
    let two = cell.fetch_max(3);
    let three = cell.compare_exchange(3, 4);
    let four = cell.compare_exchange(3, 5);
    let updated = cell.fetch_update(|value| Some(value + 1));
    let five = cell.take();
    let zero = cell.fetch_sub(1);
    let seven = AtomicCell::from(7).load();
    let lock_free = AtomicCell::<u32>::is_lock_free();
    println!(
        "{one} {two} {three:?} {four:?} {updated:?} {five} {zero} {seven} {lock_free} {}",
        AtomicCell::<[u8; 3]>::is_lock_free()
    );
}

fn a_cell_drops_what_it_had() {
    let cell = AtomicCell::new(Loud("one"));
    cell.store(Loud("other"));
}

fn debug_of_cells() {
    println!(
        "{:?} {} {:?}",
        AtomicCell::new(1),
        *CachePadded::new(3),
        Backoff::new()
    );
}

fn debug_of_sharded_locks() {
    let lock = ShardedLock::new(2);
    println!("{lock:?} {:?}", lock.read().unwrap());
    println!("{:?}", lock.write().unwrap());
}

fn readers_share_a_sharded_lock() {
    let lock = ShardedLock::new(1);
    let one = lock.read().unwrap();
    thread::scope(|scope| {
        let other = scope.spawn(|| *lock.read().unwrap());
        println!(
            "{} {}",
            *one + other.join().unwrap(),
            lock.try_write().is_err()
        );
    });
}

fn a_sharded_lock_has_one_writer() {
    let lock = ShardedLock::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| *lock.write().unwrap() += 1);
        }
    });
    println!("{}", lock.into_inner().unwrap());
}

fn a_sharded_lock_is_poisoned() {
    let lock = ShardedLock::new(0);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            *lock.write().unwrap() += 1;
            let _guard = lock.write().unwrap();
            panic!("while it writes");
        });
        let _ = writer.join();
    });
    println!(
        "{} {}",
        lock.is_poisoned(),
        *lock.read().unwrap_err().get_ref()
    );
}

fn backing_off_until_it_is_set() {
    let set = CachePadded::new(AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| set.store(true, Ordering::Release));
        let backoff = Backoff::new();
        while !set.load(Ordering::Acquire) {
            backoff.snooze();
        }
    });
    println!("done");
}

fn backing_off_gets_to_its_end() {
    let backoff = Backoff::new();
    for _ in 0..20 {
        backoff.spin();
    }
    let after_spinning = backoff.is_completed();
    for _ in 0..4 {
        backoff.snooze();
    }
    let after_snoozing = backoff.is_completed();
    backoff.reset();
    println!(
        "{after_spinning} {after_snoozing} {}",
        backoff.is_completed()
    );
}
