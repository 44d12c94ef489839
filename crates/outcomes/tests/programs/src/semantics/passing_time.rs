//! How time passes beside threads that wait, and what never ends.

use super::programs;
use crossbeam_utils::Backoff;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};
use std::{hint, process, thread};

programs! {
    time_passes_beside_a_parked_thread:
        any ["up\nwoken\n", "woken\nup\n"] prompt ["up\nwoken\n", "woken\nup\n"];
    time_passes_beside_one_that_parks_forever: any ["three\n"] prompt ["three\n"];
    time_passes_beside_one_that_waits:
        any ["tells\ntold\n"] prompt ["tells\ntold\n"];
    a_wait_alone_times_out: any ["false\n", "true\n"] prompt ["false\n", "true\n"];
    waiting_alone_while: any ["true 5\n"] prompt ["true 5\n"];
    parking_alone_for_a_time: any ["goes on\n"] prompt ["goes on\n"];
    the_earlier_of_two_timeouts:
        any ["long\nshort\n", "short\nlong\n"] prompt ["short\nlong\n"];
    a_ticker_is_stopped: prompt ["tick\ntick\nstop\n"] modelled only;
    receiving_with_an_endless_timeout: any ["Ok(1)\n"] prompt ["Ok(1)\n"];
    an_endless_timeout_is_no_way_out: any ["[deadlocks]"] prompt ["[deadlocks]"];
    waiting_with_an_endless_timeout: any ["false\n"] prompt ["false\n"];
    parking_with_an_endless_timeout: any ["goes on\n"] prompt ["goes on\n"];
    sleeping_without_end: any ["last words\n[deadlocks]"] prompt ["last words\n[deadlocks]"];
    seconds_until_a_deadline: prompt ["done\n"] modelled only;
    seconds_until_an_exit: prompt ["over\n"] modelled only;
    who_has_yielded_once_goes_on_before_time_passes: prompt ["working\nslept\n"] modelled only;
    time_may_pass_where_one_spins_once: prompt ["slept\nspun\n", "spun\nslept\n"] modelled only;
    time_may_pass_where_one_snoozes_once: prompt ["slept\nspun\n", "spun\nslept\n"] modelled only;
    a_backoff_begins_anew: any ["Backoff { step: Cell { value: 0 }, is_completed: false }\n"];
    time_passes_beside_one_that_spins_as_of_old: any ["done\n"] prompt ["done\n"];
    time_passes_beside_one_that_spins: any ["done\n"] prompt ["done\n"];
    time_passes_beside_one_that_backs_off: any ["done\n"] prompt ["done\n"];
    time_passes_beside_one_that_snoozes: any ["done\n"] prompt ["done\n"];
    a_second_may_have_passed: prompt ["false\n", "true\n"] modelled only;
    a_second_less_may_be_left: prompt ["main\nother\n", "other\nmain\n"] modelled only;
    a_second_less_until_a_tick: prompt ["main\ntick\n", "tick\nmain\n"] modelled only;
    sleeping_for_ages: prompt ["ages\nlonger\n"] modelled only;
}

const MOMENT: Duration = Duration::from_millis(2);

fn time_passes_beside_a_parked_thread() {
    let parked = thread::spawn(|| {
        thread::park();
        println!("woken");
    });
    thread::sleep(MOMENT);
    println!("up");
    parked.thread().unpark();
    parked.join().unwrap();
}

fn time_passes_beside_one_that_parks_forever() {
    thread::spawn(|| {
        loop {
            thread::park();
        }
    });
    for _ in 0..3 {
        thread::sleep(MOMENT);
    }
    println!("three");
}

fn time_passes_beside_one_that_waits() {
    let (ready, told) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = ready.lock().unwrap();
            let _guard = told.wait_while(guard, |ready| !*ready).unwrap();
            println!("told");
        });
        thread::sleep(MOMENT);
        println!("tells");
        *ready.lock().unwrap() = true;
        told.notify_one();
    });
}

fn a_wait_alone_times_out() {
    let (lock, condvar) = (Mutex::new(()), Condvar::new());
    let (_guard, result) = condvar.wait_timeout(lock.lock().unwrap(), MOMENT).unwrap();
    println!("{}", result.timed_out());
}

fn waiting_alone_while() {
    let (lock, condvar) = (Mutex::new(5), Condvar::new());
    let guard = lock.lock().unwrap();
    let (guard, result) = condvar
        .wait_timeout_while(guard, MOMENT, |number| *number == 5)
        .unwrap();
    println!("{} {guard}", result.timed_out());
}

fn parking_alone_for_a_time() {
    thread::park_timeout(MOMENT);
    println!("goes on");
}

fn the_earlier_of_two_timeouts() {
    thread::scope(|scope| {
        for (name, factor) in [("short", 1), ("long", 20)] {
            scope.spawn(move || {
                let (lock, condvar) = (Mutex::new(()), Condvar::new());
                let guard = lock.lock().unwrap();
                let _guard = condvar.wait_timeout_while(guard, factor * MOMENT, |()| true);
                println!("{name}");
            });
        }
    });
}

fn a_ticker_is_stopped() {
    let (stop, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut guard = stop.lock().unwrap();
            while !*guard {
                let wait = changed.wait_timeout_while(guard, 2 * MOMENT, |stop| !*stop);
                let (again, result) = wait.unwrap();
                guard = again;
                println!("{}", if result.timed_out() { "tick" } else { "stop" });
            }
        });
        thread::sleep(5 * MOMENT);
        *stop.lock().unwrap() = true;
        changed.notify_all();
    });
}

fn receiving_with_an_endless_timeout() {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || sender.send(1).unwrap());
        println!("{:?}", receiver.recv_timeout(Duration::MAX));
    });
}

fn an_endless_timeout_is_no_way_out() {
    let (_sender, receiver) = mpsc::channel::<()>();
    println!("{:?}", receiver.recv_timeout(Duration::MAX));
}

fn waiting_with_an_endless_timeout() {
    let (ready, told) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            *ready.lock().unwrap() = true;
            told.notify_one();
        });
        let guard = ready.lock().unwrap();
        let (_guard, result) = told
            .wait_timeout_while(guard, Duration::MAX, |ready| !*ready)
            .unwrap();
        println!("{}", result.timed_out());
    });
}

fn parking_with_an_endless_timeout() {
    let main = thread::current();
    thread::scope(|scope| {
        scope.spawn(move || main.unpark());
        thread::park_timeout(Duration::MAX);
        println!("goes on");
    });
}

fn sleeping_without_end() {
    println!("last words");
    thread::sleep(Duration::MAX);
    println!("never");
}

fn who_has_yielded_once_goes_on_before_time_passes() {
    thread::yield_now();
    let sleeper = thread::spawn(|| {
        thread::sleep(MOMENT);
        println!("slept");
    });
    println!("working");
    sleeper.join().unwrap();
}

/// Waits, in this way, for one that sleeps.
fn wait_for_a_sleeper(wait: impl Fn()) {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(MOMENT);
            told.store(true, Ordering::SeqCst);
        });
        while !told.load(Ordering::SeqCst) {
            wait();
        }
    });
    println!("done");
}

/// Waits once beside one that sleeps.
fn wait_once(wait: impl FnOnce()) {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(MOMENT);
            println!("slept");
        });
        wait();
        println!("spun");
    });
}

fn time_may_pass_where_one_spins_once() {
    wait_once(|| Backoff::new().spin());
}

fn time_may_pass_where_one_snoozes_once() {
    wait_once(|| Backoff::new().snooze());
}

fn a_backoff_begins_anew() {
    let backoff = Backoff::new();
    backoff.snooze();
    backoff.reset();
    println!("{backoff:?}");
}

#[allow(deprecated)]
fn time_passes_beside_one_that_spins_as_of_old() {
    wait_for_a_sleeper(std::sync::atomic::spin_loop_hint);
}

fn time_passes_beside_one_that_spins() {
    wait_for_a_sleeper(hint::spin_loop);
}

fn time_passes_beside_one_that_backs_off() {
    let backoff = Backoff::new();
    wait_for_a_sleeper(|| backoff.spin());
}

fn time_passes_beside_one_that_snoozes() {
    let backoff = Backoff::new();
    wait_for_a_sleeper(|| backoff.snooze());
}

fn sleeping_for_ages() {
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(1 << 50));
            println!("longer");
        });
        thread::sleep(Duration::from_secs(1 << 40));
        println!("ages");
    });
}

fn seconds_until_an_exit() {
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(4));
        println!("over");
        process::exit(0);
    });
    loop {
        thread::sleep(Duration::from_secs(1));
        thread::yield_now();
    }
}

fn seconds_until_a_deadline() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        thread::sleep(Duration::from_secs(1));
        thread::yield_now();
    }
    println!("done");
}

const SECOND: Duration = Duration::from_secs(1);

/// Sleeps for a second if another thread was faster; else it is as if it had.
fn perhaps_sleep() {
    let flag = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| flag.store(true, Ordering::SeqCst));
        if flag.load(Ordering::SeqCst) {
            thread::sleep(SECOND);
        }
    });
}

/// All that remains is the time, by a whole second.
fn a_second_may_have_passed() {
    let start = Instant::now();
    perhaps_sleep();
    println!("{}", start.elapsed() >= SECOND);
}

/// What the other thread has left to sleep differs by a whole second.
fn a_second_less_may_be_left() {
    let other = thread::spawn(|| {
        thread::sleep(3 * SECOND);
        println!("other");
    });
    perhaps_sleep();
    thread::sleep(2 * SECOND + SECOND / 2);
    println!("main");
    other.join().unwrap();
}

/// As above, of a timer.
fn a_second_less_until_a_tick() {
    let tick = crossbeam_channel::after(3 * SECOND);
    perhaps_sleep();
    let other = thread::spawn(move || {
        tick.recv().unwrap();
        println!("tick");
    });
    thread::sleep(2 * SECOND + SECOND / 2);
    println!("main");
    other.join().unwrap();
}
