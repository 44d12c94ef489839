//! How long the engine takes for the programs of the design's table, and for
//! one that is big: `cargo run --release -p outcomes-soak --example measure`.

use outcomes_engine::{Clock, Ending, Limits, Membership, Settings};
use outcomes_programs::{alike, table};
use outcomes_soak::explore;
use std::time::{Duration, Instant};

fn main() {
    let settings = Settings {
        clock: Clock::Any,
        limits: Limits {
            time: Duration::from_secs(600),
            ..Limits::default()
        },
        ..Settings::default()
    };
    println!(
        "program                      outputs     states executions    explored     counted    distinct    in time"
    );
    measure("two threads", &settings, table::two_threads);
    measure("5 numbers, 3 readers", &settings, || table::workers(5, 3));
    measure("counter, 10 threads", &settings, table::counter);
    search(&settings, 40, 10);
    alike_ones(&settings);
    if std::env::args().any(|argument| argument == "--big") {
        measure("6 numbers, 4 readers", &settings, || table::workers(6, 4));
        measure("8 numbers, 4 readers", &settings, || table::workers(8, 4));
    }
}

/// Programs with many threads that are alike.
fn alike_ones(settings: &Settings) {
    for threads in [12, 50] {
        measure(&format!("lock, scope of {threads}"), settings, || {
            alike::counter_of_a_scope(threads);
        });
        measure(&format!("atomic, scope of {threads}"), settings, || {
            alike::atomic_of_a_scope(threads);
        });
    }
    measure("lost updates of 8", settings, || alike::lost_updates(8));
    measure("10 detached", settings, || alike::detached(10));
    measure("8 workers, 4 messages", settings, || alike::workers(8, 4));
}

fn measure(name: &str, settings: &Settings, main: impl Fn()) {
    let main = || {
        main();
        0
    };
    let explored = match explore(&main, settings) {
        Ok(explored) => explored,
        Err(error) => return println!("{name}: {error}"),
    };
    let start = Instant::now();
    let outputs = explored.outputs();
    let counted = start.elapsed();
    let outputs = outputs.map_or_else(|error| error.to_string(), |all| all.count().to_string());
    let start = Instant::now();
    let distinct = explored.distinct();
    let minimised = start.elapsed();
    let distinct = distinct.map_or_else(|| "?".to_owned(), |it| it.states.to_string());
    println!(
        "{name:24} {outputs:>11} {:>10} {:>10} {:>11.1?} {counted:>11.1?} {distinct:>11} \
         {minimised:>10.1?}",
        explored.graph.states(),
        explored.executions,
        explored.took,
    );
}

/// Looks for one output of many, in which readers print in an order of their
/// own.
fn search(settings: &Settings, lines: u32, readers: u32) {
    let numbers = (lines - 2) / 2;
    let mut text = String::new();
    for number in 1..=numbers {
        text += &format!("sending {number} to the channel\n");
        if number > 3 {
            let late = number - 3;
            text += &format!("{}: read {late} from the channel\n", late * 7 % readers + 1);
        }
    }
    for late in numbers - 2..=numbers {
        text += &format!("{}: read {late} from the channel\n", late * 7 % readers + 1);
    }
    let waiting = "Waiting for the workers to finish...\n";
    let at = text.rfind("sending").unwrap() + format!("sending {numbers} to the channel\n").len();
    text.insert_str(at, waiting);
    text += "Done!\n";
    let main = || {
        table::workers(numbers, readers);
        0
    };
    let program = outcomes_std::program::program(&main);
    let start = Instant::now();
    let found = outcomes_engine::search(&program, settings, &text, Some(&Ending::Returned));
    let took = start.elapsed();
    let answer = match &found {
        Ok(Membership::Possible(schedule)) => {
            format!("possible by {} choices", schedule.steps.len())
        }
        other => format!("{other:?}"),
    };
    println!(
        "{} lines, {readers} readers: {answer}, {took:.1?}",
        text.lines().count()
    );
}
