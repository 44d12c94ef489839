//! Who waits for what in a program that was found stuck: the engine looks for
//! an execution that prints the same and ends in a deadlock.

use crate::workshop::Workshop;
use outcomes_protocol::{Check, Ending, Limits, Request, Sample, Settings};
use runner::Stop;
use runner::build::FILE_NAME;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the reader waits for an answer, who has waited for the deadlock
/// already.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A sentence for each thread that waits; none if the engine doesn't find the
/// deadlock in time, or can't explore the program. What it needs has to be built
/// once, and is waited for; meanwhile `tell` is called again and again.
pub(crate) fn threads(
    source: &str,
    printed: &str,
    workshop: &Workshop,
    stop: &Stop,
    tell: &mut dyn FnMut(usize, usize),
) -> Vec<String> {
    if workshop.wait_for_look_alikes(stop, tell).is_err() {
        return Vec::new();
    }
    let (found, threads) = mpsc::channel();
    let (source, printed, workshop) = (source.to_owned(), printed.to_owned(), workshop.clone());
    let look = move || {
        let threads = find(&source, &printed, &workshop, &Stop::new());
        // Nobody waits any longer if it took long.
        let _ = found.send(threads);
    };
    if thread::Builder::new()
        .name("stuck".into())
        .spawn(look)
        .is_err()
    {
        return Vec::new();
    }
    let threads = threads.recv_timeout(PATIENCE).ok().flatten();
    threads.unwrap_or_default()
}

fn find(source: &str, printed: &str, workshop: &Workshop, stop: &Stop) -> Option<Vec<String>> {
    let modelled = workshop.wait_for_look_alikes(stop, &mut |_, _| {}).ok()?;
    let _place = workshop.explorers.wait(stop, &mut |_| {})?;
    let check = Check {
        text: printed.to_owned(),
        ending: Some(Ending::Deadlocked),
    };
    let request = Request {
        settings: Settings {
            limits: Limits {
                time: PATIENCE,
                ..workshop.exploring
            },
            ..Settings::default()
        },
        search_only: true,
        checks: vec![check.clone()],
        trace: Some(Sample::Of(check)),
        ..Request::default()
    };
    let answer = modelled.ask(FILE_NAME, source, &request, &mut |_| {}, stop);
    let left = answer.ok()?.trace?.left;
    Some(left.sentences())
}
