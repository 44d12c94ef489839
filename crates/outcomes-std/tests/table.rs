//! The figures that the engine's design gives.

use outcomes::{Clock, Exploration, Settings};
use outcomes_programs::table;

fn explore(main: fn(), clock: Clock) -> Exploration {
    let main = || {
        main();
        0
    };
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let program = outcomes_std::program::program(&main);
    let explored = outcomes::explore(&program, &settings, &mut |_| {}).unwrap();
    let outputs = explored.outputs().unwrap();
    eprintln!(
        "{} outputs, {} states, {} executions, {:?}, dfa {}",
        outputs.count(),
        explored.graph.states(),
        explored.executions,
        explored.took,
        outputs.states()
    );
    if outputs.count() < 40 {
        for o in outputs.iter() {
            eprintln!("  {o:?}");
        }
    }
    for d in explored.graph.deadlocks() {
        for b in d.blocked {
            eprintln!("   {b}");
        }
    }
    explored
}

#[test]
fn figures() {
    explore(table::two_threads, Clock::Any);
    explore(table::pam_and_jim, Clock::Any);
    explore(table::pam_and_jim, Clock::Prompt);
    explore(table::detached, Clock::Any);
    explore(table::counter, Clock::Any);
}
