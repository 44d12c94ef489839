//! What is reported beside the outputs: panics that they don't show, and threads
//! that are stuck for good while others go on.

use outcomes::{Clock, Exploration, Settings};
use outcomes_soak::{explore, traces};
use outcomes_std::sync::atomic::{AtomicBool, Ordering};
use outcomes_std::sync::{Arc, Condvar, Mutex, mpsc};
use outcomes_std::{println, thread};
use std::time::Duration;

fn explored(main: fn(), clock: Clock) -> Exploration {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(&main, &settings).unwrap();
    traces::check(&main, &settings, &explored, 300).unwrap();
    explored
}

/// What each panic says, and in which thread.
fn panics(main: fn()) -> Vec<(String, String)> {
    let explored = explored(main, Clock::Any);
    let panics = explored.panics.iter().map(|possible| {
        let panic = &possible.panic;
        assert_eq!(panic.at.as_ref().unwrap().file, file!());
        (panic.who.path.to_string(), panic.message.clone())
    });
    panics.collect()
}

#[test]
fn a_send_that_nobody_can_receive_any_more_panics() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(1).unwrap());
        drop(receiver);
    }
    let expected = r#"called `Result::unwrap()` on an `Err` value: SendError { .. }"#;
    assert_eq!(panics(main), [("1".to_owned(), expected.to_owned())]);
}

#[test]
fn a_panic_is_told_once_whatever_numbers_it_names() {
    fn main() {
        let numbers = Arc::new(Mutex::new(0));
        for _ in 0..2 {
            let numbers = Arc::clone(&numbers);
            thread::spawn(move || {
                let mut number = numbers.lock().unwrap_or_else(|poison| poison.into_inner());
                *number += 1;
                panic!("number {number}");
            });
        }
    }
    assert_eq!(panics(main).len(), 1);
}

#[test]
fn who_never_panics_has_no_panics() {
    assert_eq!(panics(|| println!("well")), []);
}

/// The threads that can be stuck for good together.
fn leaks(main: fn(), clock: Clock) -> Vec<Vec<String>> {
    let explored = explored(main, clock);
    let leaks = explored.leaks.iter().map(|leak| {
        let blocked = leak.standstill.blocked.iter();
        blocked
            .map(|blocked| blocked.who.path.to_string())
            .collect()
    });
    leaks.collect()
}

fn both(main: fn()) -> Vec<Vec<String>> {
    let any = leaks(main, Clock::Any);
    assert_eq!(leaks(main, Clock::Prompt), any);
    any
}

#[test]
fn a_receiver_whose_sender_is_forgotten_is_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel::<i32>();
        thread::spawn(move || receiver.recv());
        std::mem::forget(sender);
        println!("done");
    }
    assert_eq!(both(main), [["1"]]);
}

#[test]
fn two_that_wait_for_each_other_are_told_together() {
    fn main() {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let other = Arc::clone(&locks);
        thread::spawn(move || {
            let _first = locks.0.lock().unwrap();
            let _second = locks.1.lock().unwrap();
        });
        thread::spawn(move || {
            let _first = other.1.lock().unwrap();
            let _second = other.0.lock().unwrap();
        });
        println!("done");
    }
    assert_eq!(both(main), [["1", "2"]]);
}

#[test]
fn who_waits_for_a_condition_that_nobody_makes_true_is_stuck() {
    fn main() {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        thread::spawn(move || {
            let ready = pair.0.lock().unwrap();
            drop(pair.1.wait_while(ready, |ready| !*ready));
        });
        println!("done");
    }
    assert_eq!(both(main), [["1"]]);
}

#[test]
fn who_could_go_on_is_not_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        let reader = thread::spawn(move || {
            while let Ok(number) = receiver.recv() {
                println!("{number}");
            }
        });
        thread::spawn(move || sender.send(1));
        thread::spawn(|| {
            println!("killed");
            thread::sleep(Duration::from_secs(3600));
            println!("never on a prompt machine");
        });
        drop(reader);
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
}

#[test]
fn who_waits_for_a_sleeper_is_not_stuck() {
    fn main() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(1));
            sender.send(1)
        });
        thread::spawn(move || receiver.recv());
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
}

#[test]
fn a_deadlock_is_no_leak() {
    fn main() {
        let (_sender, receiver) = mpsc::channel::<i32>();
        let reader = thread::spawn(move || receiver.recv());
        let _ = reader.join();
    }
    assert_eq!(both(main), Vec::<Vec<String>>::new());
    assert_eq!(explored(main, Clock::Any).deadlocks.len(), 1);
}

#[test]
fn who_is_stuck_beside_others_that_never_end_is_told() {
    fn main() {
        static STOP: AtomicBool = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel::<i32>();
        thread::spawn(move || receiver.recv());
        while !STOP.load(Ordering::SeqCst) {}
        drop(sender);
    }
    assert_eq!(leaks(main, Clock::Any), [["1"]]);
}
