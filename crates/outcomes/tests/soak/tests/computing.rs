//! A program that computes without end between two steps is told of by a
//! watchdog, on another thread, once time is up. In a process of its own: what
//! computes without end can't be stopped within.

use outcomes_engine::{
    Check, Checked, Limits, Message, NotCounted, Request, Settings, Stopped, Watchdog,
};
use outcomes_std::{println, thread};
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How far those that compute have come, and how far they may go.
static BEGUN: AtomicU32 = AtomicU32::new(0);
static MAY_GO: AtomicU32 = AtomicU32::new(0);

fn computes_until_it_may_go(part: u32) {
    BEGUN.store(part, Ordering::SeqCst);
    while MAY_GO.load(Ordering::SeqCst) < part {
        std::thread::yield_now();
    }
}

fn computes_in_parts() {
    computes_until_it_may_go(1);
    println!("one");
    computes_until_it_may_go(2);
    println!("other");
}

const BASE: u32 = line!();

fn computes() {
    let named = thread::Builder::new().name("busy".to_owned());
    let busy = named.spawn(|| {
        println!("begins");
        while black_box(true) {}
    });
    println!("main");
    busy.unwrap().join().unwrap();
}

fn request(time: Duration) -> Request {
    Request {
        settings: Settings {
            limits: Limits {
                time,
                ..Limits::default()
            },
            ..Settings::default()
        },
        checks: vec![Check {
            text: String::new(),
            ending: None,
        }],
        ..Request::default()
    }
}

/// Explores it on another thread, which is told what comes of it.
fn explore(main: fn(), request: &Request) -> std::thread::JoinHandle<Vec<Message>> {
    let request = request.clone();
    std::thread::spawn(move || {
        let main = || {
            main();
            0
        };
        let program = outcomes_std::program::program(&main);
        let mut messages = Vec::new();
        outcomes_engine::answer(&program, &request, &mut |message| messages.push(message));
        messages
    })
}

fn wait_for(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never comes");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// One after the other: the engine is one for all of a process, and what
/// computes without end keeps it.
#[test]
fn who_computes_without_end_is_told_and_nobody_else() {
    who_goes_on_is_not_told();
    who_computes_without_end_is_told();
}

/// Though time is up, and something has always computed for long.
fn who_goes_on_is_not_told() {
    let began = Instant::now();
    let (time, patience) = (Duration::from_millis(1800), Duration::from_secs(1));
    let request = request(time);
    let exploring = explore(computes_in_parts, &request);
    let mut watchdog = Watchdog::new();
    wait_for(|| BEGUN.load(Ordering::SeqCst) == 1);
    assert!(watchdog.look(&request).is_none());
    let seen = Instant::now();
    wait_for(|| seen.elapsed() > patience);
    MAY_GO.store(1, Ordering::SeqCst);
    wait_for(|| BEGUN.load(Ordering::SeqCst) == 2);
    let other = Instant::now();
    wait_for(|| began.elapsed() > time + Duration::from_millis(20));
    let answer = watchdog.look(&request);
    // Unless the machine has let it wait for so long.
    assert!(answer.is_none() || other.elapsed() >= patience);
    MAY_GO.store(2, Ordering::SeqCst);
    let messages = exploring.join().unwrap();
    assert!(matches!(&messages[..], [Message::Answer(answer)] if answer.computing.is_none()));
}

fn who_computes_without_end_is_told() {
    let request = request(Duration::from_millis(500));
    let exploring = explore(computes, &request);
    let (began, mut watchdog) = (Instant::now(), Watchdog::new());
    let answer = loop {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is told");
        if let Some(answer) = watchdog.look(&request) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    // A second longer than it may: it could be about to end.
    assert!(answer.seconds >= 1.0, "{}", answer.seconds);
    let incomplete = NotCounted::Incomplete(Stopped::Time);
    assert_eq!(answer.not_counted, Some(incomplete));
    assert_eq!(answer.checked, [Checked::Unknown(Stopped::Time)]);
    assert!(answer.states > 0 && !answer.complete && answer.outputs.is_none());
    let computing = answer.computing.unwrap();
    assert_eq!(
        (computing.thread, computing.name.as_deref()),
        (1, Some("busy"))
    );
    let lines = [computing.spawned, computing.at].map(|at| at.unwrap().line - BASE);
    assert_eq!(lines, [4, 5]);
    assert!(!exploring.is_finished());
}
