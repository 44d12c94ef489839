//! Who is able to go on again and again goes on some day.
#![allow(
    clippy::missing_spin_loop,
    reason = "what a thread does while it waits is what is shown"
)]

use super::programs;
use crossbeam_channel::bounded;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

programs! {
    a_lock_is_had_some_day: any ["done\n"] prompt ["done\n"];
    a_lock_is_had_however_it_is_looked_at: any ["done\n"] prompt ["done\n"];
    a_lock_is_had_beside_those_who_wait: any ["done\n"] prompt ["done\n"];
    a_lock_is_had_beside_those_who_try: any ["done\n"] prompt ["done\n"];
    room_is_had_some_day: any ["done\n"] prompt ["done\n"];
    two_who_pass_a_lock_on_leave_it_to_a_third: any ["done\n"] prompt ["done\n"];
    turns_are_taken: any ["done\n"] prompt ["done\n"];
    nobody_comes_to_tell: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    no_turn_for_one_who_is_never_able: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    a_wait_that_others_keep_from_ending: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    time_passes_beside_those_who_yield: any ["done\n"] prompt ["done\n"];
}

fn a_lock_is_had_some_day() {
    let (lock, looked_at) = (Mutex::new(false), AtomicI32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| *lock.lock().unwrap() = true);
        loop {
            let guard = lock.lock().unwrap();
            looked_at.load(SeqCst);
            if *guard {
                break;
            }
        }
    });
    println!("done");
}

fn a_lock_is_had_however_it_is_looked_at() {
    let (lock, looked_at) = (Mutex::new(0), AtomicI32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| *lock.lock().unwrap() = 2);
        loop {
            looked_at.load(SeqCst);
            let guard = lock.lock().unwrap();
            looked_at.fetch_max(*guard, SeqCst);
            if *guard == 2 {
                break;
            }
            drop(guard);
            looked_at.load(SeqCst);
        }
    });
    println!("done");
}

fn a_lock_is_had_beside_those_who_wait() {
    let (lock, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            *lock.lock().unwrap() = true;
            changed.notify_one();
        });
        let mut guard = lock.lock().unwrap();
        while !*guard {
            let wait = changed.wait_timeout(guard, Duration::from_millis(1));
            guard = wait.unwrap().0;
        }
    });
    println!("done");
}

fn a_lock_is_had_beside_those_who_try() {
    let lock = Mutex::new(false);
    thread::scope(|scope| {
        scope.spawn(|| *lock.lock().unwrap() = true);
        while !lock.try_lock().is_ok_and(|guard| *guard) {}
    });
    println!("done");
}

fn room_is_had_some_day() {
    let (sender, receiver) = bounded(1);
    thread::scope(|scope| {
        let other = sender.clone();
        scope.spawn(move || other.send(true).unwrap());
        let mut told = false;
        while !told {
            let _ = sender.try_send(false);
            told = receiver.recv().unwrap();
        }
    });
    println!("done");
}

fn two_who_pass_a_lock_on_leave_it_to_a_third() {
    let lock = Mutex::new(false);
    let until_told = || while !*lock.lock().unwrap() {};
    thread::scope(|scope| {
        scope.spawn(until_told);
        scope.spawn(until_told);
        *lock.lock().unwrap() = true;
    });
    println!("done");
}

fn turns_are_taken() {
    let turn = AtomicI32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while turn.load(SeqCst) != 1 {}
            turn.store(2, SeqCst);
        });
        turn.store(1, SeqCst);
        while turn.load(SeqCst) != 2 {
            thread::yield_now();
        }
    });
    println!("done");
}

fn nobody_comes_to_tell() {
    let told = AtomicBool::new(false);
    while !told.load(SeqCst) {}
}

fn no_turn_for_one_who_is_never_able() {
    let lock = Mutex::new(());
    let (held, told) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !held.load(SeqCst) {}
            drop(lock.lock().unwrap());
            told.store(true, SeqCst);
        });
        let _guard = lock.lock().unwrap();
        held.store(true, SeqCst);
        while !told.load(SeqCst) {}
    });
}

fn a_wait_that_others_keep_from_ending() {
    let (lock, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = lock.lock().unwrap();
            let _guard = changed.wait_while(guard, |number| *number < 2).unwrap();
        });
        loop {
            let mut guard = lock.lock().unwrap();
            *guard = (*guard + 1) % 2;
            changed.notify_one();
        }
    });
}

fn time_passes_beside_those_who_yield() {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(1));
            told.store(true, SeqCst);
        });
        while !told.load(SeqCst) {
            thread::yield_now();
        }
    });
    println!("done");
}
