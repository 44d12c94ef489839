//! The figures that the engine's design gives.

use outcomes_engine::{Clock, Ending, Exploration, Limits, Membership, Settings, Stopped};
use outcomes_programs::table;
use outcomes_soak::explore;

fn figures(main: impl Fn(), clock: Clock) -> (u128, Exploration) {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let explored = explore(&main, &settings).unwrap();
    let outputs = explored.outputs().unwrap();
    for (number, output) in (0..).zip(outputs.iter().take(100)) {
        assert_eq!(outputs.position(&output), Some(number));
        let found = explored.graph.find(&output.text, Some(&output.ending));
        assert!(found.is_possible(), "{output:?}");
    }
    (outputs.count(), explored)
}

#[test]
fn two_threads() {
    let (outputs, explored) = figures(table::two_threads, Clock::Any);
    // 7! / (3! · 3!)
    assert_eq!(outputs, 140);
    // However it is compiled: a dead variable would tell equal states apart.
    assert_eq!(explored.executions, 34);
}

#[test]
fn one_reader() {
    let (outputs, explored) = figures(|| table::generate_and_print(false), Clock::Any);
    assert_eq!(outputs, 8);
    assert_eq!(explored.executions, 6);
}

#[test]
fn three_readers() {
    let (outputs, _) = figures(|| table::workers(5, 3), Clock::Any);
    assert_eq!(outputs, 117_120);
}

#[test]
fn forgotten_drop() {
    let (outputs, explored) = figures(|| table::generate_and_print(true), Clock::Any);
    assert_eq!(outputs, 8);
    assert_eq!(explored.graph.endings(), [Ending::Deadlocked]);
    let told = explored.deadlocks[0].standstill.sentences();
    assert!(told[0].contains("main waits at") && told[0].contains("to join"));
    assert!(told[1].contains("to receive"));
}

#[test]
fn pam_and_jim() {
    assert_eq!(figures(table::pam_and_jim, Clock::Any).0, 30);
    assert_eq!(figures(table::pam_and_jim, Clock::Prompt).0, 4);
}

#[test]
fn detached() {
    assert_eq!(figures(table::detached, Clock::Any).0, 22);
}

#[test]
fn counter() {
    assert_eq!(figures(table::counter, Clock::Any).0, 1);
}

#[test]
fn impossible_output_is_explained() {
    let (_, explored) = figures(|| table::generate_and_print(false), Clock::Any);
    let found = explored.graph.find("sending 1\nread 2\n", None);
    let Membership::NotPossible(why) = found else {
        panic!("that is not possible");
    };
    assert_eq!(why.prefix, "sending 1\n");
    assert_eq!(why.instead, ["read 1\n", "sending 2\n"]);
}

#[test]
fn search_agrees_with_the_graph() {
    let main = || {
        table::workers(3, 2);
        0
    };
    let settings = Settings::default();
    let explored = explore(&main, &settings).unwrap();
    let program = outcomes_std::program::program(&main);
    for output in explored.outputs().unwrap().iter().step_by(29) {
        let mut lines: Vec<&str> = output.text.lines().collect();
        lines.swap(0, 1);
        let doctored = lines.join("\n") + "\n";
        for text in [&output.text, &doctored] {
            let found =
                outcomes_engine::search(&program, &settings, text, Some(&output.ending)).unwrap();
            let expected = explored.graph.find(text, Some(&output.ending));
            assert_eq!(found.is_possible(), expected.is_possible(), "{text}");
            if let Membership::NotPossible(_) = found {
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn a_schedule_can_be_traced() {
    let main = || {
        table::workers(2, 2);
        0
    };
    let settings = Settings::default();
    let explored = explore(&main, &settings).unwrap();
    let program = outcomes_std::program::program(&main);
    for output in explored.outputs().unwrap().iter() {
        let found = explored.graph.find(&output.text, None);
        let Membership::Possible(schedule) = found else {
            panic!("{output:?} is possible");
        };
        let trace = outcomes_engine::trace(&program, &settings, &schedule).unwrap();
        let text: String = trace
            .events
            .iter()
            .map(|event| event.text.as_str())
            .collect();
        assert_eq!((text, trace.ending), (output.text, Some(output.ending)));
        assert_eq!(trace.threads.len(), 3);
        let sent = trace.events.iter().find(|event| event.action == "send");
        assert_eq!(sent.unwrap().value.as_deref(), Some("1"));
        let received = trace.events.iter().find(|event| event.action == "receive");
        assert_eq!(received.unwrap().value.as_deref(), Some("1"));
        assert!(received.unwrap().with.is_some());
    }
}

#[test]
fn limits_hold() {
    let main = || {
        table::workers(8, 4);
        0
    };
    let stopped = |limits| {
        let settings = Settings {
            limits,
            ..Settings::default()
        };
        explore(&main, &settings).unwrap().stopped
    };
    let limits = Limits::default();
    let states = Limits {
        states: 100,
        ..limits
    };
    assert_eq!(stopped(states), Some(Stopped::States));
    let memory = Limits {
        memory: 4 << 20,
        ..limits
    };
    assert_eq!(stopped(memory), Some(Stopped::Memory));
    let time = Limits {
        time: std::time::Duration::from_millis(20),
        ..limits
    };
    assert_eq!(stopped(time), Some(Stopped::Time));
}
