//! A panic while panicking aborts. It leaves std's panic hook in use for good,
//! for which the test harness would wait at its end; so this is a `main`.

use outcomes::{Ending, Settings};
use outcomes_std::{println, thread};

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

fn main() {
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

        let explored = outcomes_soak::explore(&program, &Settings::default()).unwrap();
        let outputs: Vec<_> = explored.outputs().unwrap().iter().collect();
        assert_eq!(outputs.len(), 1);
        assert_eq!(outputs[0].text, "a thread\n");
        assert_eq!(outputs[0].ending, Ending::Aborted);
    }
}
