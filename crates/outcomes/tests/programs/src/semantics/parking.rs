//! `std::thread::park`, and `Parker` of crossbeam-utils.

use super::programs;
use crossbeam_utils::sync::{Parker, Unparker};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

programs! {
    a_parker_waits_until_a_deadline: prompt ["20ms 10ms taken\n[deadlocks]"] modelled only;
    a_token_given_after_the_first_park: any [
        "late\nthrough\n", "soon\n[deadlocks]", "soon\nthrough\n", "through\nlate\n", "through\nsoon\n",
    ];
    a_parker_takes_its_token_in_time: any ["taken\n[deadlocks]"];
    the_token_is_kept: any ["went on\n"];
    the_token_wakes: any ["told\n"];
    a_handle_wakes: any ["told\n"];
    parking_may_end_without_a_reason: any ["", "[deadlocks]"] prompt ["", "[deadlocks]"];
    tokens_do_not_add_up: any ["", "[deadlocks]"];
    receiving_may_take_the_token: any ["1 woken\n", "[deadlocks]"];
    receiving_in_time_may_take_the_token: any ["1 woken\n", "[deadlocks]"];
    sending_may_take_the_token: any ["sent woken\n", "[deadlocks]"];
    selecting_may_take_the_token: any ["1 woken\n", "[deadlocks]"];
    the_end_of_a_scope_may_take_the_token: any ["ended woken\n", "[deadlocks]"];
    joining_may_take_the_token: any ["joined woken\n", "[deadlocks]"];
    a_lock_may_take_the_token: any ["woken\n", "[deadlocks]"];
    printing_may_take_the_token: any ["printed woken\n", "[deadlocks]"];
    looking_takes_no_token: any ["woken\n"];
    a_token_given_afterwards_is_kept: any ["printed woken\n"];
    a_token_may_be_taken_while_waiting: any ["1 woken\n", "[deadlocks]"];
    parking_for_a_time: any ["went on\n"];
    parking_for_milliseconds: any ["went on\n"];
    milliseconds_of_parking: prompt ["0ns\n", "4ms\n"] modelled only;
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

/// Parks a thread that was given its token, after something else.
fn park_after(something: impl FnOnce()) {
    thread::current().unpark();
    something();
    thread::park();
    println!("woken");
}

fn receiving_may_take_the_token() {
    let (sender, receiver) = mpsc::channel();
    sender.send(1).unwrap();
    park_after(|| print!("{} ", receiver.recv().unwrap()));
}

fn receiving_in_time_may_take_the_token() {
    let (sender, receiver) = mpsc::channel();
    sender.send(1).unwrap();
    let received = || receiver.recv_timeout(Duration::MAX).unwrap();
    park_after(|| print!("{} ", received()));
}

fn sending_may_take_the_token() {
    let (sender, _receiver) = crossbeam_channel::bounded(1);
    park_after(|| {
        sender.send(1).unwrap();
        print!("sent ");
    });
}

fn selecting_may_take_the_token() {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    sender.send(1).unwrap();
    park_after(|| {
        crossbeam_channel::select! {
            recv(receiver) -> message => print!("{} ", message.unwrap()),
        }
    });
}

fn the_end_of_a_scope_may_take_the_token() {
    park_after(|| {
        thread::scope(|scope| {
            scope.spawn(|| {});
        });
        print!("ended ");
    });
}

fn joining_may_take_the_token() {
    let thread = thread::spawn(|| {});
    park_after(|| {
        thread.join().unwrap();
        print!("joined ");
    });
}

fn a_lock_may_take_the_token() {
    let mutex = Mutex::new(());
    park_after(|| drop(mutex.lock().unwrap()));
}

fn printing_may_take_the_token() {
    park_after(|| print!("printed "));
}

fn looking_takes_no_token() {
    let (mutex, (_sender, receiver)) = (Mutex::new(()), mpsc::channel::<()>());
    let number = AtomicU32::new(0);
    park_after(|| {
        drop(mutex.try_lock().unwrap());
        assert!(receiver.try_recv().is_err());
        number.store(1, Ordering::SeqCst);
        thread::yield_now();
        thread::sleep(Duration::from_millis(1));
    });
}

fn a_token_given_afterwards_is_kept() {
    print!("printed ");
    park_after(|| {});
}

fn a_token_may_be_taken_while_waiting() {
    let (sender, receiver) = mpsc::channel();
    let main = thread::current();
    thread::spawn(move || {
        main.unpark();
        sender.send(1).unwrap();
    });
    print!("{} ", receiver.recv().unwrap());
    thread::park();
    println!("woken");
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
fn milliseconds_of_parking() {
    let start = Instant::now();
    thread::park_timeout_ms(4);
    println!("{:?}", start.elapsed());
}

#[allow(deprecated)]
fn parking_for_milliseconds() {
    thread::park_timeout_ms(1);
    println!("went on");
}

fn a_parker_takes_its_token_in_time() {
    let parker = Parker::new();
    parker.unparker().unpark();
    parker.park_timeout(Duration::from_secs(1));
    println!("taken");
    parker.park();
    println!("not reached");
}

fn a_token_given_after_the_first_park() {
    let woken = AtomicBool::new(false);
    thread::scope(|scope| {
        let parks = scope.spawn(|| {
            thread::park();
            woken.store(true, Ordering::SeqCst);
            thread::park();
            println!("through");
        });
        let late = woken.load(Ordering::SeqCst);
        parks.thread().unpark();
        println!("{}", if late { "late" } else { "soon" });
    });
}

fn a_parker_waits_until_a_deadline() {
    let (parker, start) = (Parker::new(), Instant::now());
    parker.park_deadline(start + Duration::from_millis(20));
    let (first, start) = (start.elapsed(), Instant::now());
    parker.park_timeout(Duration::from_millis(10));
    print!("{first:?} {:?} ", start.elapsed());
    parker.unparker().unpark();
    parker.park_deadline(start + Duration::from_secs(1));
    println!("taken");
    parker.park();
}
