//! Threads that are alike are taken for one another: the same is found, in fewer states.

use outcomes_engine::{Clock, Exploration, Output, Settings, Stopped};
use outcomes_programs::alike;
use outcomes_soak::explore;
use std::collections::BTreeSet;

/// No threads are taken for one another.
const NEVER: u64 = u64::MAX;

fn explored(main: &dyn Fn(), clock: Clock, alike_from: u64) -> Exploration {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        alike_from,
        ..Settings::default()
    };
    explore(&main, &settings).unwrap()
}

fn outputs(explored: &Exploration) -> Vec<Output> {
    explored.outputs().unwrap().iter().collect()
}

/// Whether they were taken for one another, having found that the same follows.
fn are_taken(main: &dyn Fn()) -> bool {
    let clocks = [Clock::Any, Clock::Prompt];
    let taken = clocks.map(|clock| {
        let every = explored(main, clock, NEVER);
        let fewer = explored(main, clock, 0);
        assert!(!every.alike);
        assert_eq!(outputs(&every), outputs(&fewer), "on clock {clock:?}");
        assert_eq!(
            of_deadlocks(&every),
            of_deadlocks(&fewer),
            "on clock {clock:?}"
        );
        assert_eq!(of_leaks(&every), of_leaks(&fewer), "on clock {clock:?}");
        assert_eq!(of_panics(&every), of_panics(&fewer), "on clock {clock:?}");
        let (every, fewer) = (every.graph.states(), (fewer.graph.states(), fewer.alike));
        assert_eq!(fewer.1, fewer.0 < every, "{fewer:?} of {every}");
        fewer.1
    });
    assert_eq!(taken[0], taken[1]);
    taken[0]
}

/// Where threads wait in a deadlock, whichever they are.
fn of_deadlocks(explored: &Exploration) -> BTreeSet<Vec<String>> {
    let deadlocks = explored.deadlocks.iter();
    deadlocks
        .map(|deadlock| {
            let blocked = deadlock.standstill.blocked.iter();
            let mut places: Vec<String> = blocked.map(|it| format!("{:?}", it.at)).collect();
            places.sort();
            places
        })
        .collect()
}

/// Where threads wait for good, and after how many steps at least.
fn of_leaks(explored: &Exploration) -> BTreeSet<(Vec<String>, usize)> {
    let leaks = explored.leaks.iter();
    leaks
        .map(|leak| {
            let blocked = leak.standstill.blocked.iter();
            let places = blocked.map(|it| format!("{:?}", it.at)).collect();
            (places, leak.schedule.steps.len())
        })
        .collect()
}

fn of_panics(explored: &Exploration) -> BTreeSet<String> {
    let panics = explored.panics.iter();
    panics.map(|panic| panic.panic.message.clone()).collect()
}

/// What the compiler leaves on a stack, where nobody will read it, may tell threads from
/// one another that are alike. So not all need be taken for one another by every
/// compiler, and what follows is the same if they aren't.
fn most_are_taken(programs: &[&dyn Fn()]) {
    let taken = programs.iter().filter(|main| are_taken(main)).count();
    assert!(2 * taken > programs.len(), "{taken} of {}", programs.len());
}

#[test]
fn fifty_threads_that_count() {
    // As for anybody: it turns out while exploring that there is too much.
    let mut settings = Settings::default();
    settings.limits.states = 3 * settings.alike_from;
    let programs: [&dyn Fn(); 2] = [&|| alike::counter_of_a_scope(50), &|| {
        alike::atomic_of_a_scope(50)
    }];
    let explored = programs.map(|main| {
        let main = || {
            main();
            0
        };
        explore(&main, &settings).unwrap()
    });
    let whole: Vec<_> = explored.iter().filter(|it| it.stopped.is_none()).collect();
    assert!(!whole.is_empty());
    for explored in whole {
        assert!(explored.alike);
        let texts: Vec<_> = outputs(explored).into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["50\n"]);
        // One for each number of those who have counted, and some more for the last
        // threads: what main has on its stack may still tell those from the others.
        let states = explored.graph.states();
        assert!(states < 1_000, "{states} states");
    }
}

#[test]
fn what_was_found_until_a_limit() {
    let main = || {
        alike::counter_of_a_scope(50);
        0
    };
    let mut settings = Settings {
        alike_from: 0,
        ..Settings::default()
    };
    settings.limits.states = 20;
    let explored = explore(&main, &settings).unwrap();
    assert_eq!(explored.stopped, Some(Stopped::States));
    assert!(
        explored
            .outputs_so_far()
            .unwrap()
            .iter()
            .all(|it| it.text == "50\n")
    );
}

#[test]
fn threads_that_are_alike() {
    most_are_taken(&[
        &|| alike::counter_of_a_scope(5),
        &|| alike::atomic_of_a_scope(5),
        &|| alike::lost_updates(4),
        &|| alike::detached(4),
        &|| alike::workers(3, 2),
        &|| alike::the_first_panics(4),
        &|| alike::pairs(2),
        &|| alike::pairs(3),
    ]);
}

#[test]
fn threads_that_are_stuck() {
    most_are_taken(&[
        &|| alike::one_for_all(4),
        &|| alike::one_for_all_in_a_scope(4),
        &|| alike::one_for_all(3),
    ]);
}

/// Each is told from the others by somebody, now or later, or by what has been left on
/// its stack, so that some may be taken for one another and some not: what follows is
/// the same in any case.
#[test]
fn threads_that_somebody_knows() {
    are_taken(&|| alike::with_memory_of_their_own(3));
    are_taken(&|| alike::known_by_handle(3));
    are_taken(&|| alike::known_by_id(2));
    are_taken(&|| alike::known_by_a_static(2));
    are_taken(&|| alike::known_by_what_they_own(2));
    are_taken(&|| alike::at_different_places(2));
    are_taken(&|| alike::signalled(3));
    are_taken(&|| alike::handing_on(3));
    are_taken(&|| alike::parents(3));
    are_taken(&|| alike::handing_on_atomics(2));
}

#[test]
fn threads_that_are_not_alike() {
    assert!(!are_taken(&|| alike::numbered(3)));
    assert!(!are_taken(&|| alike::looked_at(3)));
}

/// Where memory is weak they aren't compared, and nothing is lost.
#[test]
fn threads_in_weak_memory() {
    assert!(!are_taken(&alike::store_buffering));
    let explored = explored(&alike::store_buffering, Clock::Any, 0);
    let texts: Vec<String> = outputs(&explored).into_iter().map(|it| it.text).collect();
    assert_eq!(texts, ["0\n", "1\n", "2\n"]);
}

/// Whether it goes on for ever can't be told where some are left out.
#[test]
fn threads_that_go_round() {
    assert!(!are_taken(&|| alike::spinning(3)));
}
