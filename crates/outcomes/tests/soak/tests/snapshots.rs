//! Where pictures of states would take too much memory, fewer are kept, and the
//! engine goes back further. In a process of its own, since memory is counted
//! for all of it.

use outcomes_engine::{Limits, Settings};
use outcomes_soak::explore;
use outcomes_std::sync::atomic::{AtomicU32, Ordering};
use outcomes_std::{println, thread};

/// Fewer than half of the pictures of a path fit in.
const MEMORY: usize = 12 << 20;

#[test]
fn a_long_path_is_explored_with_few_pictures() {
    let main = || {
        // The first state has one way to go on, and still is come back to.
        println!("begins");
        let count = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| println!("other"));
            for _ in 0..3000 {
                count.fetch_add(1, Ordering::SeqCst);
            }
            println!("counted");
        });
        0
    };
    let explored = |memory| {
        let settings = Settings {
            limits: Limits {
                memory,
                ..Limits::default()
            },
            ..Settings::default()
        };
        let explored = explore(&main, &settings).unwrap();
        assert_eq!(explored.stopped, None, "{memory}");
        let outputs = explored.outputs().unwrap();
        let texts: Vec<String> = outputs.iter().map(|output| output.text).collect();
        (texts, explored.graph.states(), explored.executions)
    };
    let all = explored(1 << 30);
    assert_eq!(
        all.0,
        ["begins\ncounted\nother\n", "begins\nother\ncounted\n"]
    );
    assert!(all.1 > 6000, "{} states", all.1);
    assert_eq!(explored(MEMORY), all);
}
