//! `std::thread::park`, and `Parker` of crossbeam-utils.

use super::programs;
use crossbeam_utils::sync::{Parker, Unparker};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

programs! {
    the_token_is_kept: any ["went on\n"];
    the_token_wakes: any ["told\n"];
    a_handle_wakes: any ["told\n"];
    parking_may_end_without_a_reason: any ["", "[deadlocks]"];
    tokens_do_not_add_up: any ["", "[deadlocks]"];
    parking_for_a_time: any ["went on\n"];
    parking_for_milliseconds: any ["went on\n"];
    a_parker_keeps_the_token: any ["went on\n"];
    a_parker_waits_for_the_token: any ["told\nwoken\n"];
    a_parker_has_one_token: any ["[deadlocks]"];
    a_parker_waits_for_a_time: any ["went on\n"];
    unparkers_are_shared: any ["twice\n"];
    debug_of_parkers: any ["Parker { .. } Unparker { .. }\n"];
}

fn the_token_is_kept() {
    thread::current().unpark();
    thread::park();
    println!("went on");
}

fn the_token_wakes() {
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
    println!("told");
}

fn a_handle_wakes() {
    let told = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&told);
    let thread = thread::spawn(move || {
        while theirs.load(Ordering::SeqCst) == 0 {
            thread::park();
        }
        println!("told");
    });
    told.store(1, Ordering::SeqCst);
    thread.thread().unpark();
    thread.join().unwrap();
}

fn parking_may_end_without_a_reason() {
    thread::park();
}

fn tokens_do_not_add_up() {
    thread::current().unpark();
    thread::current().unpark();
    thread::park();
    thread::park();
}

fn parking_for_a_time() {
    thread::park_timeout(Duration::from_millis(1));
    println!("went on");
}

fn a_parker_keeps_the_token() {
    let parker = Parker::new();
    parker.unparker().unpark();
    parker.park();
    println!("went on");
}

fn a_parker_waits_for_the_token() {
    let parker = Parker::default();
    let unparker = parker.unparker().clone();
    thread::spawn(move || {
        println!("told");
        unparker.unpark();
    });
    parker.park();
    println!("woken");
}

fn a_parker_has_one_token() {
    let parker = Parker::new();
    parker.unparker().unpark();
    parker.unparker().unpark();
    parker.park();
    parker.park();
}

fn a_parker_waits_for_a_time() {
    let parker = Parker::new();
    parker.park_timeout(Duration::from_millis(1));
    parker.park_deadline(Instant::now() + Duration::from_millis(1));
    parker.unparker().unpark();
    parker.park_timeout(Duration::ZERO);
    println!("went on");
}

fn unparkers_are_shared() {
    let parker = Parker::new();
    let unparkers: [Unparker; 2] = [parker.unparker().clone(), parker.unparker().clone()];
    for unparker in unparkers {
        let thread = thread::spawn(move || unparker.unpark());
        parker.park();
        thread.join().unwrap();
    }
    println!("twice");
}

fn debug_of_parkers() {
    let parker = Parker::new();
    println!("{parker:?} {:?}", parker.unparker());
}

#[allow(deprecated)]
fn parking_for_milliseconds() {
    thread::park_timeout_ms(1);
    println!("went on");
}
