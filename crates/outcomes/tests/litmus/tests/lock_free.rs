//! Small things that work without a lock, each as it is right, and with one
//! ordering too weak: the engine proves the one and finds what is wrong with the
//! other, with a schedule.

use outcomes_engine::{Membership, Settings};
use outcomes_std::println;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

outcomes_litmus::lock_free!(outcomes_std);

/// The longest that exploring one may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What can come of it, and how it goes wrong, if it can.
fn explore(
    name: &str,
    ordering: Ordering,
    case: fn(Ordering) -> bool,
) -> (BTreeSet<String>, usize, bool) {
    let main = || {
        println!("{}", if case(ordering) { "right" } else { "wrong" });
        0
    };
    let program = outcomes_std::program::program(&main);
    let settings = Settings::default();
    let explored = outcomes_engine::explore(&program, &settings, &mut |_| {});
    let explored = explored.unwrap_or_else(|refused| panic!("{name}: {refused}"));
    let outputs = explored.outputs().expect("there is an end to it");
    let texts: BTreeSet<String> = outputs.iter().map(|output| output.text).collect();
    let mut is_shown = false;
    if let Membership::Possible(schedule) = explored.graph.find("wrong\n", None) {
        let trace = outcomes_engine::trace(&program, &settings, &schedule).expect("it can happen");
        is_shown = trace.events.iter().any(|event| event.text == "wrong\n");
    }
    (texts, explored.graph.states(), is_shown)
}

#[test]
fn one_weak_ordering_is_found() {
    for (name, case, right, weak) in CASES {
        let start = Instant::now();
        let (texts, states, _) = explore(name, right, case);
        let first = start.elapsed();
        assert_eq!(texts, BTreeSet::from(["right\n".to_owned()]), "{name}");
        let (texts, more, is_shown) = explore(name, weak, case);
        let both = ["right\n", "wrong\n"].map(str::to_owned);
        assert_eq!(texts, BTreeSet::from(both), "{name} with {weak:?}");
        assert!(is_shown, "{name}: a schedule leads there");
        let second = start.elapsed() - first;
        std::println!(
            "{name:20} {states:6} states {first:8.1?}; with {weak:?} {more:6} states {second:8.1?}"
        );
        assert!(first < LIMIT && second < LIMIT, "{name} takes too long");
    }
}
