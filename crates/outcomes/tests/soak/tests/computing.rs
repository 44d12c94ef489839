//! A program that computes without end between two steps is told of by a
//! watchdog, on another thread, once time is up. In a process of its own: what
//! computes without end can't be stopped within.

use outcomes::{Check, Checked, Limits, NotCounted, Request, Settings, Stopped, Watchdog};
use outcomes_std::{println, thread};
use std::hint::black_box;
use std::time::{Duration, Instant};

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

#[test]
fn who_computes_without_end_is_told() {
    let request = Request {
        settings: Settings {
            limits: Limits {
                time: Duration::from_millis(500),
                ..Limits::default()
            },
            ..Settings::default()
        },
        checks: vec![Check {
            text: String::new(),
            ending: None,
        }],
        ..Request::default()
    };
    let asked = request.clone();
    std::thread::spawn(move || {
        let main = || {
            computes();
            0
        };
        let program = outcomes_std::program::program(&main);
        outcomes::answer(&program, &asked, &mut |message| panic!("{message:?}"));
    });
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
}
