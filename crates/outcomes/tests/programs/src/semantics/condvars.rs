//! `Condvar` and `Barrier`, of std.

use super::programs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

programs! {
    milliseconds_of_waiting: any ["false false\n"];
    who_is_late_takes_no_notification: any ["", "late\n", "late\ntold\n", "told\n", "told\nlate\n"] modelled only;
    one_of_two_is_notified: any [
        "", "both\nwoken\n[deadlocks]", "both\nwoken\nwoken\n", "woken\n",
        "woken\nboth\nwoken\n", "woken\nwoken\n", "woken\nwoken\nboth\n",
    ];
    a_condvar_waits: any ["knows\ntold\n", "told\nknows\n"];
    waiting_while: any ["3\n"];
    waiting_lets_go_of_the_mutex: any ["changed, knows\n"];
    one_is_notified: any ["one\nother\n", "other\none\n"];
    all_are_notified: any ["2\n"];
    a_wait_may_time_out: any ["false\n", "true\n"];
    waiting_while_for_a_time: any ["true 0\n"];
    waiting_while_may_be_in_time: any ["false true\n", "true false\n"];
    not_waiting_at_all: any ["false 1\n"];
    a_notification_is_not_kept: any ["", "[deadlocks]"];
    a_wait_tells_of_poison: any ["poisoned 1\n"];
    a_barrier_has_one_leader: any ["comes\ncomes\ncomes\ngoes\ngoes\ngoes\n1\n"];
    a_barrier_is_used_again: any ["1 1\n1 1\n"];
    a_barrier_for_one: any ["true true\n"];
    a_barrier_waits_for_all: any ["[deadlocks]"];
    milliseconds_of_poison: prompt ["false 1\n", "true 0\n", "true 1\n"] modelled only;
    who_has_given_up_takes_no_notification: any ["joined\n"];
    waiting_for_milliseconds: any ["false\n", "true\n"];
    a_second_mutex_may_panic: any ["true\nfalse\n", "true\ntrue\n"];
    a_mutex_may_move_with_its_condvar: any ["true\ntrue\n"];
    debug_of_condvars: any ["Condvar { .. } Barrier { .. } BarrierWaitResult { is_leader: true }\n"];
}

fn a_condvar_waits() {
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

fn waiting_while() {
    let (count, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                *count.lock().unwrap() += 1;
                condvar.notify_all();
            });
        }
        let guard = count.lock().unwrap();
        let guard = condvar.wait_while(guard, |count| *count < 3).unwrap();
        println!("{guard}");
    });
}

fn waiting_lets_go_of_the_mutex() {
    let (state, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        let guard = state.lock().unwrap();
        scope.spawn(|| {
            // Nobody could come here if the other waited with the lock.
            let mut guard = state.lock().unwrap();
            *guard = 1;
            print!("changed, ");
            condvar.notify_one();
        });
        let guard = condvar.wait_while(guard, |state| *state == 0).unwrap();
        println!("{}", if *guard == 1 { "knows" } else { "lost" });
    });
}

fn one_is_notified() {
    let (tokens, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        for name in ["one", "other"] {
            let (tokens, condvar) = (&tokens, &condvar);
            scope.spawn(move || {
                let guard = tokens.lock().unwrap();
                let mut guard = condvar.wait_while(guard, |tokens| *tokens == 0).unwrap();
                *guard -= 1;
                println!("{name}");
            });
        }
        for _ in 0..2 {
            *tokens.lock().unwrap() += 1;
            condvar.notify_one();
        }
    });
}

fn all_are_notified() {
    let (open, condvar) = (Mutex::new(false), Condvar::new());
    let wait = || {
        let guard = open.lock().unwrap();
        drop(condvar.wait_while(guard, |open| !*open).unwrap());
        1
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(wait), scope.spawn(wait)];
        *open.lock().unwrap() = true;
        condvar.notify_all();
        println!(
            "{}",
            threads
                .map(|thread| thread.join().unwrap())
                .iter()
                .sum::<u32>()
        );
    });
}

const MOMENT: Duration = Duration::from_millis(1);

fn a_wait_may_time_out() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    // It may also wake up without a reason.
    let (_guard, result) = condvar.wait_timeout(mutex.lock().unwrap(), MOMENT).unwrap();
    println!("{}", result.timed_out());
}

fn waiting_while_for_a_time() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let guard = mutex.lock().unwrap();
    let waited = condvar.wait_timeout_while(guard, MOMENT, |value| *value == 0);
    let (guard, result) = waited.unwrap();
    println!("{} {guard}", result.timed_out());
}

fn waiting_while_may_be_in_time() {
    let (ready, condvar) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            *ready.lock().unwrap() = true;
            condvar.notify_one();
        });
        let guard = ready.lock().unwrap();
        let waited = condvar.wait_timeout_while(guard, MOMENT, |ready| !*ready);
        let (guard, result) = waited.unwrap();
        println!("{} {guard}", result.timed_out());
    });
}

fn not_waiting_at_all() {
    let (mutex, condvar) = (Mutex::new(1), Condvar::new());
    let guard = mutex.lock().unwrap();
    let waited = condvar.wait_timeout_while(guard, Duration::ZERO, |value| *value == 0);
    let (guard, result) = waited.unwrap();
    println!("{} {guard}", result.timed_out());
}

fn a_notification_is_not_kept() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    condvar.notify_one();
    // Only waking up without a reason ends this.
    drop(condvar.wait(mutex.lock().unwrap()).unwrap());
}

fn a_wait_tells_of_poison() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        let mut guard = mutex.lock().unwrap();
        let thread = scope.spawn(|| {
            let mut guard = mutex.lock().unwrap();
            *guard = 1;
            condvar.notify_one();
            panic!("while holding it");
        });
        let mut poisoned = false;
        while *guard == 0 {
            guard = condvar.wait(guard).unwrap_or_else(|error: PoisonError<_>| {
                poisoned = true;
                error.into_inner()
            });
        }
        println!("{} {guard}", if poisoned { "poisoned" } else { "whole" });
        drop(guard);
        let _ = thread.join();
    });
}

fn a_barrier_has_one_leader() {
    let barrier = Barrier::new(3);
    let leaders = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                println!("comes");
                if barrier.wait().is_leader() {
                    *leaders.lock().unwrap() += 1;
                }
                println!("goes");
            });
        }
    });
    println!("{}", leaders.into_inner().unwrap());
}

fn a_barrier_is_used_again() {
    let barrier = Barrier::new(2);
    for _ in 0..2 {
        let leads = || usize::from(barrier.wait().is_leader());
        let leaders = thread::scope(|scope| {
            let other = scope.spawn(leads);
            leads() + other.join().unwrap()
        });
        println!("{leaders} 1");
    }
}

fn a_barrier_for_one() {
    let (one, none) = (Barrier::new(1), Barrier::new(0));
    println!("{} {}", one.wait().is_leader(), none.wait().is_leader());
}

fn a_barrier_waits_for_all() {
    let barrier = Barrier::new(2);
    barrier.wait();
}

fn debug_of_condvars() {
    let barrier = Barrier::new(1);
    println!("{:?} {barrier:?} {:?}", Condvar::new(), barrier.wait());
}

#[allow(deprecated)]
fn waiting_for_milliseconds() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let (_guard, notified) = condvar.wait_timeout_ms(mutex.lock().unwrap(), 1).unwrap();
    println!("{notified}");
}

#[allow(deprecated)]
fn milliseconds_of_poison() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    thread::scope(|scope| {
        let poisons = || {
            let _guard = mutex.lock();
            panic!("poisons");
        };
        scope.spawn(poisons).join().unwrap_err();
    });
    let guard = mutex.lock().unwrap_err().into_inner();
    let began = Instant::now();
    let (_guard, notified) = condvar.wait_timeout_ms(guard, 1).unwrap_err().into_inner();
    println!("{notified} {}", began.elapsed().as_millis());
}

/// It goes to one who still waits.
fn who_has_given_up_takes_no_notification() {
    let (told, changed) = (Mutex::new(false), Condvar::new());
    drop(changed.wait_timeout(told.lock().unwrap(), Duration::from_millis(1)));
    thread::scope(|scope| {
        scope.spawn(|| drop(changed.wait_while(told.lock().unwrap(), |told| !*told)));
        *told.lock().unwrap() = true;
        changed.notify_one();
    });
    println!("joined");
}

fn one_of_two_is_notified() {
    let (waiting, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut guard = waiting.lock().unwrap();
                *guard += 1;
                drop(condvar.wait(guard).unwrap());
                println!("woken");
            });
        }
        if *waiting.lock().unwrap() < 2 {
            std::process::exit(0);
        }
        println!("both");
        condvar.notify_one();
    });
}

/// Of two that wait one is told, and it is not the one whose time was up.
fn who_is_late_takes_no_notification() {
    let (lock, changed) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut waiting = lock.lock().unwrap();
            *waiting += 1;
            drop(changed.wait(waiting).unwrap());
            println!("told");
        });
        scope.spawn(|| {
            let waiting = lock.lock().unwrap();
            if *waiting < 2 {
                std::process::exit(0);
            }
            changed.notify_one();
        });
        let mut waiting = lock.lock().unwrap();
        *waiting += 1;
        let wait = changed.wait_timeout(waiting, Duration::from_millis(1));
        if !wait.unwrap().1.timed_out() {
            std::process::exit(0);
        }
        println!("late");
    });
}

/// Nobody comes, and nobody has come if the time is up: of a wait of no time at
/// all, the same.
#[allow(deprecated)]
fn milliseconds_of_waiting() {
    let (lock, changed) = (Mutex::new(()), Condvar::new());
    let wait = || loop {
        let (_guard, notified) = changed.wait_timeout_ms(lock.lock().unwrap(), 1).unwrap();
        if !notified {
            break notified;
        }
    };
    println!("{} {}", wait(), wait());
}

fn waits(lock: &Mutex<()>, changed: &Condvar) -> bool {
    let wait = AssertUnwindSafe(|| {
        let guard = lock.lock().unwrap();
        drop(changed.wait_timeout(guard, Duration::from_millis(1)));
    });
    catch_unwind(wait).is_ok() && lock.lock().is_ok()
}

/// It does where std waits by pthreads, and poisons the mutex.
fn a_second_mutex_may_panic() {
    let (first, second, changed) = (Mutex::new(()), Mutex::new(()), Condvar::new());
    println!("{}", waits(&first, &changed));
    println!("{}", waits(&second, &changed));
}

fn a_mutex_may_move_with_its_condvar() {
    let here = (Mutex::new(()), Condvar::new());
    println!("{}", waits(&here.0, &here.1));
    let there = Box::new(here);
    println!("{}", waits(&there.0, &there.1));
}
