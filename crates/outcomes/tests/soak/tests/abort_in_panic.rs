//! A panic while panicking aborts. It leaves std's panic hook in use for good,
//! for which the test harness would wait at its end; so this is a `main`.

use outcomes_engine::{Ending, Settings};
use outcomes_std::{println, thread};
use std::fmt::{self, Display, Formatter};
use std::sync::atomic::{AtomicU32, Ordering};

struct Fatal;

impl Drop for Fatal {
    fn drop(&mut self) {
        panic!("while panicking");
    }
}

fn program() -> i32 {
    let thread = thread::spawn(|| println!("a thread"));
    if thread.join().is_ok() {
        let _fatal = Fatal;
        panic!("first");
    }
    0
}

/// Others go on until it comes to that.
fn beside_another() -> i32 {
    thread::spawn(|| println!("a thread"));
    let _fatal = Fatal;
    panic!("first");
}

/// Whoever was told to go on is so no more.
fn with_a_token() -> i32 {
    thread::current().unpark();
    let _fatal = Fatal;
    panic!("first");
}

/// The hook that was there before ours is for whatever is no program.
fn outside() {
    static PANICS: AtomicU32 = AtomicU32::new(0);
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    let panics = || drop(outcomes_std::panic::catch_unwind(|| panic!("caught")));
    let caught = || {
        panics();
        println!("caught");
        0
    };
    let texts = || {
        let explored = outcomes_soak::explore(&caught, &Settings::default()).unwrap();
        let outputs = explored.outputs().unwrap();
        outputs.iter().map(|output| output.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(), ["caught\n"]);
    assert_eq!(PANICS.load(Ordering::Relaxed), 0);
    drop(std::panic::catch_unwind(|| panic!("outside")));
    assert_eq!(PANICS.load(Ordering::Relaxed), 1);

    // Who is refused within the hook leaves it.
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let refused = outcomes_soak::explore(&with_a_token, &settings)
        .err()
        .unwrap();
    assert!(refused.contains("panics while it panics"), "{refused}");
    assert_eq!(texts(), ["caught\n"]);
}

/// std aborts where a message panics, before it asks any hook.
fn in_a_message() -> i32 {
    struct Panics;
    impl Display for Panics {
        fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
            panic!("within the message")
        }
    }
    println!("before");
    panic!("{Panics}");
}

fn main() {
    outside();
    let settings = Settings {
        stderr: true,
        ..Settings::default()
    };
    let refused = outcomes_soak::explore(&in_a_message, &settings)
        .err()
        .unwrap();
    assert!(refused.contains("panics while it panics"), "{refused}");

    // Twice, since the first must leave nothing behind.
    for _ in 0..2 {
        let explored = outcomes_soak::explore(&beside_another, &Settings::default()).unwrap();
        let outputs: Vec<_> = explored.outputs().unwrap().iter().collect();
        let texts: Vec<&str> = outputs.iter().map(|output| output.text.as_str()).collect();
        assert_eq!(texts, ["", "a thread\n"]);
        assert!(
            outputs
                .iter()
                .all(|output| output.ending == Ending::Aborted)
        );

        let explored = outcomes_soak::explore(&with_a_token, &Settings::default()).unwrap();
        let outputs: Vec<_> = explored.outputs().unwrap().iter().collect();
        assert_eq!(outputs.len(), 1);
        assert_eq!(outputs[0].ending, Ending::Aborted);

        let explored = outcomes_soak::explore(&in_a_message, &Settings::default()).unwrap();
        let outputs: Vec<_> = explored.outputs().unwrap().iter().collect();
        assert_eq!(outputs.len(), 1);
        assert_eq!(outputs[0].text, "before\n");
        assert_eq!(outputs[0].ending, Ending::Aborted);

        let explored = outcomes_soak::explore(&program, &Settings::default()).unwrap();
        let outputs: Vec<_> = explored.outputs().unwrap().iter().collect();
        assert_eq!(outputs.len(), 1);
        assert_eq!(outputs[0].text, "a thread\n");
        assert_eq!(outputs[0].ending, Ending::Aborted);
    }
}
