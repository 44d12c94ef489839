//! From writing to reading, for which std is not old enough everywhere: these
//! are only built modelled.

use super::programs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{RwLock, RwLockWriteGuard};
use std::thread;

programs! {
    a_downgrade_comes_later: any ["", "false\n", "true\n"] modelled only;
    a_writer_becomes_a_reader: any ["1 true false 1\n"] modelled only;
    nobody_writes_before_a_downgrade: any ["1 1\n", "3 3\n"] modelled only;
}

fn a_writer_becomes_a_reader() {
    let lock = RwLock::new(0);
    let mut guard = lock.write().unwrap();
    *guard += 1;
    let guard = RwLockWriteGuard::downgrade(guard);
    print!("{guard} {} ", lock.try_read().is_ok());
    print!("{} ", lock.try_write().is_ok());
    drop(guard);
    println!("{}", lock.write().unwrap());
}

fn nobody_writes_before_a_downgrade() {
    let lock = RwLock::new(0);
    thread::scope(|scope| {
        scope.spawn(|| *lock.write().unwrap() += 2);
        let mut guard = lock.write().unwrap();
        *guard += 1;
        let written = *guard;
        let guard = RwLockWriteGuard::downgrade(guard);
        println!("{written} {guard}");
    });
}

fn a_downgrade_comes_later() {
    let (lock, taken) = (RwLock::new(()), AtomicBool::new(false));
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (lock, taken) = (&lock, &taken);
    thread::scope(|scope| {
        scope.spawn(move || {
            let guard = lock.write().unwrap();
            taken.store(true, Ordering::SeqCst);
            let _guard = RwLockWriteGuard::downgrade(guard);
            // Read for as long as the other looks.
            let _ = receiver.recv();
        });
        if taken.load(Ordering::SeqCst) {
            println!("{}", lock.try_read().is_ok());
        }
        drop(sender);
    });
}
