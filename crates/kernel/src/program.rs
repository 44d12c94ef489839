//! Builds a program cell and runs it, once or many times.

use crate::content::{DisplayData, StreamOutput, Transient, UpdateDisplayData};
use crate::ending::{self, Finish};
use crate::header::new_id;
use crate::line::{Line, tell_place};
use crate::output::Batches;
use crate::publisher::Publisher;
use crate::runs::{Outcome, Tally};
use crate::stdin::Stdin;
use crate::stuck;
use crate::workshop::Workshop;
use runner::build::FILE_NAME;
use runner::{
    Build, BuildError, Ending, Event, Input, Limits, Queued, RunError, Running, Stop, Stream,
};
use serde_json::{Map, json};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// How many of a `%%run`'s programs run at once. They mostly sleep or wait.
const AT_ONCE: u32 = 16;

/// How much of what a program prints is looked for in its executions, in bytes.
const PRINTED: usize = 16 << 10;

/// What one of many runs may print, in bytes: all that differ are kept.
const OUTPUT_OF_MANY: u64 = 64 * 1024;

/// The memory that one of many runs may use, in bytes: together they take no
/// more than four programs that run alone.
const MEMORY_OF_MANY: u64 = 256 << 20;

/// How long the libraries may take before it is said that they are built.
const SILENT: Duration = Duration::from_secs(3);

/// The shortest time between two updates of a `%%run`'s table.
const BETWEEN_UPDATES: Duration = Duration::from_millis(100);

/// Builds a program and runs it, once or so many times.
pub(crate) fn execute(
    source: &str,
    runs: Option<u32>,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
    stdin: &Stdin,
) -> Finish {
    let started = Instant::now();
    let build = match build(source, workshop, stop, publisher) {
        Ok(build) => build,
        Err(failure) => return ending::build_failed(failure, started.elapsed()),
    };
    if !build.warnings.is_empty() {
        let warnings = ending::legible(&build.warnings);
        let content = StreamOutput {
            name: Stream::Stderr,
            text: &publisher.named(&warnings),
        };
        // So that a page can tell the compiler's words from the program's.
        publisher.publish_with(&content, "interleaved", json!({"from": "rustc"}));
    }
    match runs {
        None => run_once(&build, source, workshop, stop, publisher, stdin),
        Some(runs) => run_many(runs, &build, source, workshop, stop, publisher),
    }
}

/// Builds a program, once what it is built with is there.
pub(crate) fn build(
    source: &str,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
) -> Result<Build, BuildError> {
    let what = "Building the libraries that programs can use, which has to be done once …\n";
    let builder = workshop.wait_for_builder(stop, &mut say_if_it_takes_long(what, publisher))?;
    let say = |sentence: &str| say(&format!("{sentence}\n"), publisher);
    let mut tell = tell_place("being compiled, as many as can be", say);
    builder.build_in_line(FILE_NAME, source, stop, &mut tell)
}

/// Says what is being done, once and not at once.
fn say_if_it_takes_long(what: &str, publisher: &Publisher<'_>) -> impl FnMut(usize, usize) {
    let asked = Instant::now();
    let mut told = false;
    move |_, _| {
        if !told && asked.elapsed() > SILENT {
            told = true;
            say(what, publisher);
        }
    }
}

/// What comes from a program that runs.
enum Heard {
    Event(Event),
    /// It waits for its standard input.
    Asks,
}

fn run_once(
    build: &Build,
    source: &str,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
    stdin: &Stdin,
) -> Finish {
    let say = |sentence: &str| say(&format!("{sentence}\n"), publisher);
    let mut tell = tell_place("running, as many as may", say);
    let Some(_place) = workshop.programs.wait(stop, &mut tell) else {
        return finish(build, &Ending::Stopped, Duration::ZERO);
    };
    // Waiting for an event can't be cut short when a batch is due, so events
    // come from a thread of their own. Few are kept: a program that prints
    // faster than we send waits.
    let (sender, heard) = mpsc::sync_channel(16);
    let (running, input) = match start(build, source, workshop, stop, publisher, stdin, &sender) {
        Ok(started) => started,
        Err(failure) => return ending::not_started(&failure),
    };
    let lacks = running.lacks().to_vec();
    let pass_on = move || {
        for event in running {
            if sender.send(Heard::Event(event)).is_err() {
                return;
            }
        }
    };
    let ended = thread::scope(|scope| {
        thread::Builder::new().spawn_scoped(scope, pass_on)?;
        let ask = || {
            if let Some(input) = input.clone() {
                stdin.ask(publisher, "", false, move |line| input.send(line));
            }
        };
        Ok(stream(&heard, publisher, &ask))
    });
    stdin.forget();
    let (ending, took, printed) = match ended {
        Ok(ended) => ended,
        Err(failure) => return ending::not_started(&no_thread(&failure)),
    };
    let mut finish = finish(build, &ending, took);
    if !lacks.is_empty() {
        finish.metadata["lacks"] = json!(lacks);
    }
    if matches!(ending, Ending::Deadlocked { .. })
        && let (Some(error), Some(printed)) = (&mut finish.error, printed)
    {
        let what = "Building what explains deadlocks, which has to be done once …\n";
        let mut tell = say_if_it_takes_long(what, publisher);
        let threads = stuck::threads(source, &printed, workshop, stop, &mut tell);
        error.traceback.extend(threads);
    }
    finish
}

/// Starts the program. If nobody is there to type, its input is empty.
fn start(
    build: &Build,
    source: &str,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
    stdin: &Stdin,
    heard: &SyncSender<Heard>,
) -> Result<(Running, Option<Input>), RunError> {
    let limits = workshop.limits.asked_by(source);
    if !stdin.is_allowed(publisher.request) {
        let running = runner::run(&build.program, &limits, stop)?;
        return Ok((running.naming_its_file(build), None));
    }
    let heard = heard.clone();
    let asks = Box::new(move || {
        let _ = heard.send(Heard::Asks);
    });
    let (running, input) = runner::run_with_input(&build.program, &limits, stop, asks)?;
    Ok((running.naming_its_file(build), Some(input)))
}

fn finish(build: &Build, ending: &Ending, took: Duration) -> Finish {
    Finish {
        error: ending::error_of(ending),
        metadata: json!({
            "ending": ending,
            "seconds": took.as_secs_f64(),
            "build": ending::build(build.cached, build.took),
        }),
    }
}

/// Says something about the program that isn't the program's.
fn say(text: &str, publisher: &Publisher<'_>) {
    let content = StreamOutput {
        name: Stream::Stderr,
        text,
    };
    publisher.publish_with(&content, "interleaved", json!({"from": "kernel"}));
}

/// Sends output as it comes, until the program has ended. Gives back what it
/// printed to its standard output, unless that is much.
fn stream(
    heard: &mpsc::Receiver<Heard>,
    publisher: &Publisher<'_>,
    ask: &dyn Fn(),
) -> (Ending, Duration, Option<String>) {
    let mut batches = Batches::default();
    let mut printed = Some(Vec::new());
    // Of a place that may be another cell's.
    let mut unfinished = Vec::new();
    loop {
        let now = Instant::now();
        let event = match batches.due(now) {
            None => heard.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => heard.recv_timeout(due.saturating_duration_since(now)),
        };
        match event {
            Ok(Heard::Event(Event::Output { stream, bytes, .. })) => {
                if let (Stream::Stderr, Some(origins)) = (stream, publisher.origins) {
                    unfinished.extend(&bytes);
                    let text = String::from_utf8_lossy(&unfinished);
                    let whole = unfinished.len() - origins.unfinished(&text);
                    batches.push(stream, &unfinished[..whole]);
                    unfinished.drain(..whole);
                } else {
                    batches.push(stream, &bytes);
                }
                if let (Stream::Stdout, Some(text)) = (stream, &mut printed) {
                    text.extend(bytes);
                }
                printed = printed.filter(|text| text.len() <= PRINTED);
            }
            Ok(Heard::Asks) => {
                // What it asks comes before the field to answer in.
                publisher.print(batches.take(now));
                ask();
            }
            Ok(Heard::Event(Event::Ended { ending, took })) => {
                batches.push(Stream::Stderr, &unfinished);
                publisher.print(batches.finish());
                let printed = printed.and_then(|text| String::from_utf8(text).ok());
                return (ending, took, printed);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                unreachable!("a run's last event is its end")
            }
        }
        let now = Instant::now();
        if batches.due(now).is_some_and(|due| due <= now) {
            publisher.print(batches.take(now));
        }
    }
}

fn run_many(
    runs: u32,
    build: &Build,
    source: &str,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
) -> Finish {
    let started = Instant::now();
    let limits = Limits {
        output: workshop.limits.output.min(OUTPUT_OF_MANY),
        memory: workshop.limits.memory.min(MEMORY_OF_MANY),
        ..workshop.limits.asked_by(source)
    };
    let mut tally = Tally::new(runs);
    let display_id = new_id();
    publisher.publish(&display(&tally, &display_id));

    let next = AtomicU32::new(0);
    let (sender, results) = mpsc::sync_channel(AT_ONCE as usize);
    let failure = thread::scope(|scope| {
        for _ in 0..runs.min(AT_ONCE) {
            let sender = sender.clone();
            let (next, limits, line) = (&next, &limits, &workshop.programs);
            let run = move || run_in_turn(runs, next, build, limits, line, stop, &sender);
            if let Err(failure) = thread::Builder::new().spawn_scoped(scope, run) {
                return Some(no_thread(&failure));
            }
        }
        drop(sender);
        count(&mut tally, &results, &display_id, stop, publisher)
    });
    publisher.publish(&UpdateDisplayData(display(&tally, &display_id)));

    let error = match failure {
        Some(failure) => return ending::not_started(&failure),
        None if tally.done() < runs => Some(ending::error(
            "Interrupted",
            format!("Stopped after {} of {runs} runs.", tally.done()),
        )),
        None => None,
    };
    Finish {
        error,
        metadata: json!({
            "runs": runs,
            "done": tally.done(),
            "seconds": started.elapsed().as_secs_f64(),
            "build": ending::build(build.cached, build.took),
        }),
    }
}

fn no_thread(failure: &io::Error) -> RunError {
    RunError::Failed(format!(
        "Cannot start a thread to watch the program: {failure}."
    ))
}

/// What comes of a program that is run many times.
enum RunEvent {
    /// The first run waits until it is its turn.
    Waits(Queued),
    /// A run has ended, or could not be started.
    Ran(Result<Outcome, RunError>),
}

/// One of the threads that run a program again and again, until it has been
/// run often enough.
fn run_in_turn(
    runs: u32,
    next: &AtomicU32,
    build: &Build,
    limits: &Limits,
    line: &Line,
    stop: &Stop,
    results: &SyncSender<RunEvent>,
) {
    loop {
        let run = next.fetch_add(1, Ordering::Relaxed);
        if run >= runs {
            return;
        }
        let mut tell = |queued| {
            // The others wait behind it; and where nobody listens just now, there is
            // more to tell than that.
            if run == 0 {
                let _ = results.try_send(RunEvent::Waits(queued));
            }
        };
        let Some(place) = line.wait(stop, &mut tell) else {
            return;
        };
        let result = runner::run(&build.program, limits, stop)
            .map(|running| Outcome::of(running.naming_its_file(build)));
        drop(place);
        if results.send(RunEvent::Ran(result)).is_err() {
            return;
        }
    }
}

/// Counts outcomes as they come and shows the table now and then. Gives back
/// why a run could not be started, if one couldn't.
fn count(
    tally: &mut Tally,
    results: &mpsc::Receiver<RunEvent>,
    display_id: &str,
    stop: &Stop,
    publisher: &Publisher<'_>,
) -> Option<RunError> {
    let mut earliest = Instant::now() + BETWEEN_UPDATES;
    let mut changed = false;
    let say = |sentence: &str| say(&format!("{sentence}\n"), publisher);
    let mut tell = tell_place("running, as many as may", say);
    loop {
        let result = if changed {
            results.recv_timeout(earliest.saturating_duration_since(Instant::now()))
        } else {
            results.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match result {
            Ok(RunEvent::Waits(queued)) => tell(queued),
            Ok(RunEvent::Ran(Ok(mut outcome))) => {
                outcome.stderr = publisher.named(&outcome.stderr).into_owned();
                changed |= tally.add(outcome);
            }
            // The other threads end once their results have nowhere to go.
            Ok(RunEvent::Ran(Err(failure))) if !stop.is_stopped() => return Some(failure),
            Ok(RunEvent::Ran(Err(_))) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        let now = Instant::now();
        if changed && now >= earliest {
            publisher.publish(&UpdateDisplayData(display(tally, display_id)));
            changed = false;
            // A large table takes long to write: leave most of the time to runs.
            earliest = Instant::now() + BETWEEN_UPDATES.max(now.elapsed() * 10);
        }
    }
}

fn display(tally: &Tally, display_id: &str) -> DisplayData {
    DisplayData {
        data: tally.bundle(),
        metadata: Map::new(),
        transient: Transient {
            display_id: display_id.to_owned(),
        },
    }
}
