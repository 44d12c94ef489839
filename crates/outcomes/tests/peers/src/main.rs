//! The engine, Shuttle's DFS and loom on the same programs, in one run:
//!
//! ```console
//! cargo run --release --manifest-path crates/outcomes/tests/peers/Cargo.toml
//! ```
//!
//! Printing is a line in a log behind the peer's own lock, since neither peer
//! takes a print for an operation. Neither has a channel without room, so the
//! programs with channels are given one by `mpsc::sync_channel(0)` in Shuttle,
//! and are left out in loom, which has none at all. Loom runs five threads at
//! most, and takes the process down beyond: that row has a process of its own.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a peer may take for a program.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one of the three found.
struct Found {
    executions: u64,
    outputs: u128,
    took: Duration,
    /// Whether that is all, and why not.
    note: String,
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let of_loom = |threads| loom(move |log| counter_loom(threads, log));
    if std::env::args().nth(1).as_deref() == Some(LOOM_WITH_TEN) {
        return row("counter, 10 threads", "loom", of_loom(10));
    }
    println!("program                 engine    executions      outputs       time");

    let program = "two threads";
    row(program, "outcomes", engine(two_threads_modelled));
    row(program, "Shuttle", shuttle(two_threads_shuttle));
    row(program, "loom", loom(two_threads_loom));

    for (numbers, readers) in [(3, 1), (5, 3), (8, 4)] {
        let program = format!("{readers} readers, {numbers} numbers");
        row(
            &program,
            "outcomes",
            engine(|| workers_modelled(numbers, readers)),
        );
        let of_shuttle = shuttle(move |log| workers_shuttle(numbers, readers, log));
        row(&program, "Shuttle", of_shuttle);
    }

    for threads in [3, 10] {
        let program = format!("counter, {threads} threads");
        row(&program, "outcomes", engine(|| counter_modelled(threads)));
        let of_shuttle = shuttle(move |log| counter_shuttle(threads, log));
        row(&program, "Shuttle", of_shuttle);
        if threads == 3 {
            row(&program, "loom", of_loom(threads));
        }
    }
    loom_with_ten_threads();
}

/// The argument for the row that may take the process down.
const LOOM_WITH_TEN: &str = "loom-with-ten";

fn loom_with_ten_threads() {
    let start = Instant::now();
    let command = std::env::current_exe().expect("this program");
    let output = Command::new(command).arg(LOOM_WITH_TEN).output();
    let output = output.expect("it can be run");
    if output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let found = Found {
        executions: 0,
        outputs: 0,
        took: start.elapsed(),
        note: format!("takes its process down: {}", output.status),
    };
    row("counter, 10 threads", "loom", found);
}

fn row(program: &str, engine: &str, found: Found) {
    println!(
        "{program:22}  {engine:8} {:>11} {:>12} {:>10.1?}  {}",
        found.executions, found.outputs, found.took, found.note
    );
}

fn engine(main: impl Fn()) -> Found {
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let start = Instant::now();
    let settings = outcomes_engine::Settings::default();
    let mut memory = 0;
    let mut progress = |progress: &outcomes_engine::Progress| memory = memory.max(progress.memory);
    let explored = outcomes_engine::explore(&program, &settings, &mut progress);
    let explored = explored.expect("it can be modelled");
    let outputs = explored.outputs();
    let note = match &outputs {
        Err(error) => error.to_string(),
        Ok(_) if memory == 0 => "complete".to_owned(),
        Ok(_) => format!("complete, with up to {} MB", memory >> 20),
    };
    Found {
        executions: explored.executions,
        outputs: outputs.map_or(0, |outputs| outputs.count()),
        took: start.elapsed(),
        note,
    }
}

/// What executions have printed, each a line a print.
#[derive(Clone, Default)]
struct Outputs(Arc<Mutex<(HashSet<Vec<String>>, u64)>>);

impl Outputs {
    /// One execution has ended. Panics when patience is at an end, to get out.
    fn add(&self, lines: Vec<String>, start: Instant) {
        let mut outputs = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        outputs.0.insert(lines);
        outputs.1 += 1;
        if start.elapsed() > PATIENCE {
            drop(outputs);
            panic!("out of patience");
        }
    }

    fn found(&self, start: Instant, ended: bool) -> Found {
        let outputs = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        let took = start.elapsed();
        let note = match ended {
            true => "complete",
            false if took > PATIENCE => "out of time",
            false => "gave up",
        };
        Found {
            executions: outputs.1,
            outputs: outputs.0.len() as u128,
            took,
            note: note.to_owned(),
        }
    }
}

type ShuttleLog = shuttle::sync::Arc<shuttle::sync::Mutex<Vec<String>>>;

fn shuttle(program: impl Fn(&ShuttleLog) + Send + Sync + 'static) -> Found {
    let outputs = Outputs::default();
    let start = Instant::now();
    let all = outputs.clone();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let run = move || {
            let log = ShuttleLog::default();
            program(&log);
            let lines = log.lock().unwrap().clone();
            all.add(lines, start);
        };
        shuttle::check_dfs(run, None);
    }));
    outputs.found(start, ended.is_ok())
}

type LoomLog = loom::sync::Arc<loom::sync::Mutex<Vec<String>>>;

fn loom(program: impl Fn(&LoomLog) + Send + Sync + 'static) -> Found {
    let outputs = Outputs::default();
    let start = Instant::now();
    let all = outputs.clone();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        loom::model(move || {
            let log = LoomLog::new(loom::sync::Mutex::new(Vec::new()));
            program(&log);
            let lines = log.lock().unwrap().clone();
            all.add(lines, start);
        });
    }));
    outputs.found(start, ended.is_ok())
}

// Main starts two threads that print three lines each, prints a line, joins
// both and prints another.

fn two_threads_modelled() {
    use outcomes_std::{println, thread};
    let threads = ["a", "b"].map(|name| {
        thread::spawn(move || {
            for number in 1..=3 {
                println!("{name} {number}");
            }
        })
    });
    println!("waiting");
    for thread in threads {
        thread.join().unwrap();
    }
    println!("done");
}

fn two_threads_shuttle(log: &ShuttleLog) {
    let threads = ["a", "b"].map(|name| {
        let log = log.clone();
        shuttle::thread::spawn(move || {
            for number in 1..=3 {
                log.lock().unwrap().push(format!("{name} {number}"));
            }
        })
    });
    log.lock().unwrap().push("waiting".to_owned());
    for thread in threads {
        thread.join().unwrap();
    }
    log.lock().unwrap().push("done".to_owned());
}

fn two_threads_loom(log: &LoomLog) {
    let threads = ["a", "b"].map(|name| {
        let log = log.clone();
        loom::thread::spawn(move || {
            for number in 1..=3 {
                log.lock().unwrap().push(format!("{name} {number}"));
            }
        })
    });
    log.lock().unwrap().push("waiting".to_owned());
    for thread in threads {
        thread.join().unwrap();
    }
    log.lock().unwrap().push("done".to_owned());
}

// Main sends numbers to readers that name themselves.

fn workers_modelled(numbers: u32, readers: u32) {
    use outcomes_crossbeam_channel::bounded;
    use outcomes_std::{println, thread};
    let (sender, receiver) = bounded(0);
    let threads: Vec<_> = (1..=readers)
        .map(|id| {
            let receiver = receiver.clone();
            thread::spawn(move || {
                for number in receiver {
                    println!("{id}: read {number}");
                }
            })
        })
        .collect();
    for number in 1..=numbers {
        println!("sending {number}");
        sender.send(number).unwrap();
    }
    drop(sender);
    println!("waiting");
    for thread in threads {
        thread.join().unwrap();
    }
    println!("done");
}

fn workers_shuttle(numbers: u32, readers: u32, log: &ShuttleLog) {
    use shuttle::sync::{Arc, Mutex, mpsc};
    let (sender, receiver) = mpsc::sync_channel(0);
    // Its receiver can't be cloned.
    let receiver = Arc::new(Mutex::new(receiver));
    let threads: Vec<_> = (1..=readers)
        .map(|id| {
            let (receiver, log) = (receiver.clone(), log.clone());
            shuttle::thread::spawn(move || {
                loop {
                    let number: Result<u32, _> = receiver.lock().unwrap().recv();
                    let Ok(number) = number else { break };
                    log.lock().unwrap().push(format!("{id}: read {number}"));
                }
            })
        })
        .collect();
    for number in 1..=numbers {
        log.lock().unwrap().push(format!("sending {number}"));
        sender.send(number).unwrap();
    }
    drop(sender);
    log.lock().unwrap().push("waiting".to_owned());
    for thread in threads {
        thread.join().unwrap();
    }
    log.lock().unwrap().push("done".to_owned());
}

// Threads count up a shared number.

fn counter_modelled(threads: u32) {
    use outcomes_std::sync::{Arc, Mutex};
    use outcomes_std::{println, thread};
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let count = Arc::clone(&count);
            thread::spawn(move || *count.lock().unwrap() += 1)
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{}", count.lock().unwrap());
}

fn counter_shuttle(threads: u32, log: &ShuttleLog) {
    use shuttle::sync::{Arc, Mutex};
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let count = count.clone();
            shuttle::thread::spawn(move || *count.lock().unwrap() += 1)
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let count = *count.lock().unwrap();
    log.lock().unwrap().push(count.to_string());
}

fn counter_loom(threads: u32, log: &LoomLog) {
    use loom::sync::{Arc, Mutex};
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let count = count.clone();
            loom::thread::spawn(move || *count.lock().unwrap() += 1)
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let count = *count.lock().unwrap();
    log.lock().unwrap().push(count.to_string());
}
