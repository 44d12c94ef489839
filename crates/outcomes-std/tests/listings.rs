//! scratch
use outcomes::{Clock, Limits, Settings};
use std::time::Duration;

#[test]
fn all() {
    for (name, main) in outcomes_programs::listings::ALL {
        if std::env::var("ONLY").is_ok_and(|o| o != *name) {
            continue;
        }
        for clock in [Clock::Any, Clock::Prompt] {
            let main: &dyn Fn() -> i32 = &main;
            let settings = Settings {
                clock,
                limits: Limits {
                    time: Duration::from_secs(8),
                    ..Limits::default()
                },
                ..Settings::default()
            };
            let program = outcomes_std::program::program(main);
            match outcomes::explore(&program, &settings, &mut |_| {}) {
                Err(refused) => eprintln!("{name} {clock:?}: {refused}"),
                Ok(explored) => {
                    let t = std::time::Instant::now();
                    let outputs = explored.outputs();
                    match &outputs {
                        Ok(outputs) => eprintln!(
                            "{name} {clock:?}: {} outputs, {:?}, {} states, {} exec, {:?} + {:?}, dfa {}",
                            outputs.count(),
                            outputs.endings(),
                            explored.graph.states(),
                            explored.executions,
                            explored.took,
                            t.elapsed(),
                            outputs.states()
                        ),
                        Err(error) => eprintln!(
                            "{name} {clock:?}: {error}, {} states {:?}",
                            explored.graph.states(),
                            explored.took
                        ),
                    }
                    for d in explored.graph.deadlocks() {
                        for b in d.blocked {
                            eprintln!("     {b}");
                        }
                    }
                }
            }
        }
    }
}
