//! Builds a program cell against look-alikes of its libraries, and asks it
//! what it can do.

use crate::cell::{Execution, How};
use crate::content::{DisplayData, Transient, UpdateDisplayData};
use crate::ending::{self, Finish};
use crate::header::new_id;
use crate::line::tell_place;
use crate::origins::Origins;
use crate::outcomes::{PROGRESS_MIME, Report};
use crate::program;
use crate::publisher::Publisher;
use crate::workshop::Workshop;
use cargo_outcomes::NoAnswer;
use outcomes_protocol::{Answer, Check, Checked, Progress, Request, Sample, Settings, counted};
use runner::build::FILE_NAME;
use runner::{BuildError, Stop};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// The most edges of a graph that a front end is given unless it asks for
/// more: some 30 kB, since a notebook keeps what it is given.
const GRAPH: usize = 2000;

/// The most that any is given: some 1 MB.
const LARGEST_GRAPH: usize = 100_000;

/// How long exploring takes before it is shown how far it is.
const SILENT: Duration = Duration::from_secs(1);

/// The shortest time between two updates of that.
const BETWEEN_UPDATES: Duration = Duration::from_millis(250);

/// Tells everything that a program can print, or whether it can print this.
pub(crate) fn outcomes(
    source: &str,
    how: How,
    first: usize,
    possible: Option<String>,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
) -> Finish {
    let checks = possible.map_or_else(Vec::new, |text| checks(&text));
    let request = Request {
        settings: settings(how, workshop),
        // To look for one output takes much less than to find all.
        search_only: !checks.is_empty(),
        list: first,
        trace: checks.is_empty().then_some(Sample::Output(0)),
        checks,
        graph: largest_graph(&publisher.request.metadata),
        ..Request::default()
    };
    let mut display = Display::new(publisher);
    let asked = match ask(source, &request, workshop, stop, &mut display) {
        Ok(asked) => asked,
        Err(failure) => return no_answer(failure, source, workshop, stop, &mut display),
    };
    finish(source, &request, &asked, false, &mut display)
}

/// Shows one execution of a program.
pub(crate) fn trace(
    source: &str,
    how: How,
    execution: &Execution,
    workshop: &Workshop,
    stop: &Stop,
    publisher: &Publisher<'_>,
) -> Finish {
    let checks = match execution {
        Execution::Of(text) => checks(text),
        _ => Vec::new(),
    };
    let trace = match execution {
        Execution::Output(number) => Some(Sample::Output(number - 1)),
        Execution::Deadlock(number) => {
            let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
            Some(Sample::Deadlock(index))
        }
        Execution::By(schedule) => Some(Sample::Schedule(schedule.clone())),
        Execution::Of(_) => None,
    };
    let request = Request {
        settings: settings(how, workshop),
        search_only: matches!(execution, Execution::Of(_) | Execution::By(_)),
        trace,
        checks,
        ..Request::default()
    };
    let mut display = Display::new(publisher);
    let asked = match ask(source, &request, workshop, stop, &mut display) {
        Ok(asked) => asked,
        Err(failure) => return no_answer(failure, source, workshop, stop, &mut display),
    };
    let answer = &asked.answer;
    if answer.trace.is_none() && answer.checked.is_empty() {
        display.give_up();
        let sentence = no_such_execution(execution, answer);
        return Finish::refused(ending::error("NoSuchExecution", sentence));
    }
    finish(source, &request, &asked, true, &mut display)
}

/// The most edges that this front end takes: the request's metadata may say so,
/// as `{"interleaved": {"graph": 40000}}`.
fn largest_graph(metadata: &Map<String, Value>) -> usize {
    let asked = metadata.get("interleaved");
    let asked = asked.and_then(|ours| ours.get("graph")?.as_u64());
    let asked = asked.and_then(|edges| usize::try_from(edges).ok());
    asked.unwrap_or(GRAPH).min(LARGEST_GRAPH)
}

/// What to look for: the text, or the text with a line break, which is easily
/// forgotten.
fn checks(text: &str) -> Vec<Check> {
    let check = |text: String| Check { text, ending: None };
    let mut checks = Vec::new();
    if !text.is_empty() && !text.ends_with('\n') {
        checks.push(check(format!("{text}\n")));
    }
    checks.push(check(text.to_owned()));
    checks
}

fn settings(how: How, workshop: &Workshop) -> Settings {
    Settings {
        clock: how.clock,
        stderr: how.stderr,
        limits: workshop.exploring,
        ..Settings::default()
    }
}

/// What was answered.
struct Asked {
    answer: Answer,
    /// The edition in which the program was built.
    edition: String,
}

impl Asked {
    fn new(answer: Answer, edition: &str) -> Asked {
        let edition = edition.to_owned();
        Asked { answer, edition }
    }
}

/// Builds the program and asks it; what is to be checked, one after the other
/// until something is possible. Only that is left in the answer.
fn ask(
    source: &str,
    request: &Request,
    workshop: &Workshop,
    stop: &Stop,
    display: &mut Display<'_>,
) -> Result<Asked, NoAnswer> {
    if cargo_outcomes::may_be_denied(source)
        && let Err(BuildError::Rejected { codes, rendered }) =
            program::build(source, workshop, stop, display.publisher)
    {
        let first = codes.join(", ");
        return Err(NoAnswer::Rejected { first, rendered });
    }
    let modelled = workshop.wait_for_look_alikes(stop, &mut |done, total| {
        display.tell(&preparing(done, total), None);
    })?;
    let place = {
        let say = |sentence: &str| display.tell(sentence, None);
        let mut tell = tell_place("being explored, as many as can be", say);
        workshop.explorers.wait(stop, &mut tell)
    };
    let Some(_place) = place else {
        return Err(NoAnswer::Stopped);
    };
    let mut ask = |request: &Request| {
        let mut tell = |far: &Progress| display.tell(&exploring(far), Some(far));
        modelled.ask(FILE_NAME, source, request, &mut tell, stop)
    };
    let edition = modelled.edition();
    if request.checks.is_empty() {
        return Ok(Asked::new(ask(request)?, edition));
    }
    let mut first = None;
    for check in &request.checks {
        let answer = ask(&Request {
            checks: vec![check.clone()],
            trace: Some(Sample::Of(check.clone())),
            ..request.clone()
        })?;
        if is_possible(&answer) {
            return Ok(Asked::new(answer, edition));
        }
        first.get_or_insert(answer);
    }
    Ok(Asked::new(first.unwrap_or_default(), edition))
}

fn is_possible(answer: &Answer) -> bool {
    let mut checked = answer.checked.iter();
    checked.any(|checked| matches!(checked, Checked::Known(known) if known.is_possible()))
}

fn preparing(done: usize, total: usize) -> String {
    let far = match total {
        0 => String::new(),
        total => format!(": {done} of {total}"),
    };
    format!("Building what explores programs, which is done once{far} …")
}

fn exploring(far: &Progress) -> String {
    let states = counted(far.states.into(), "state");
    format!("Exploring: {states} in {:.0} s …", far.seconds)
}

fn finish(
    source: &str,
    request: &Request,
    asked: &Asked,
    traced: bool,
    display: &mut Display<'_>,
) -> Finish {
    let Asked { answer, edition } = asked;
    let all_its_own = Origins::default();
    let report = Report {
        source,
        origins: display.publisher.origins.unwrap_or(&all_its_own),
        edition,
        request,
        answer,
        traced: traced || request.search_only,
    };
    display.show(report.bundle());
    Finish {
        error: None,
        metadata: json!({"seconds": answer.seconds, "complete": answer.complete}),
    }
}

/// Why the execution that was asked for isn't there.
fn no_such_execution(execution: &Execution, answer: &Answer) -> String {
    let (count, what, number) = match execution {
        Execution::Output(number) => (answer.outputs, "possible output", number),
        Execution::Deadlock(number) => {
            let count = answer.deadlocks.len() as u128;
            (answer.complete.then_some(count), "deadlock", number)
        }
        Execution::Of(_) => return "No execution prints this.".to_owned(),
        Execution::By(_) => {
            let reason = answer.no_trace.clone();
            return reason.unwrap_or_else(|| "The program has no such schedule.".to_owned());
        }
    };
    match (count, &answer.not_counted) {
        (Some(count), _) => {
            let count = counted(count, what);
            format!("The program has {count}, and none with the number {number}.")
        }
        (None, Some(reason)) => format!("There is no telling which execution that is: {reason}."),
        (None, None) => "There is no telling which execution that is.".to_owned(),
    }
}

/// Why there is no answer: one error.
fn no_answer(
    failure: NoAnswer,
    source: &str,
    workshop: &Workshop,
    stop: &Stop,
    display: &mut Display<'_>,
) -> Finish {
    display.give_up();
    let sentence = failure.to_string();
    let ename = match failure {
        NoAnswer::Rejected { .. } => {
            // Its own fault, or the look-alikes'.
            let started = Instant::now();
            match program::build(source, workshop, stop, display.publisher) {
                Err(failure @ (BuildError::Rejected { .. } | BuildError::Stopped)) => {
                    return ending::build_failed(failure, started.elapsed());
                }
                _ => "NotExplorable",
            }
        }
        NoAnswer::Refused(_) => "NotExplorable",
        NoAnswer::Stopped => "Interrupted",
        NoAnswer::OverLimit(_) => "Limit",
        NoAnswer::Failed(_) => "ExploringFailed",
    };
    Finish::refused(ending::error(ename, sentence))
}

/// What is shown under the cell: nothing at first, then how far it is, then
/// the answer in its place.
struct Display<'a> {
    publisher: &'a Publisher<'a>,
    id: String,
    began: Instant,
    /// When it was last shown.
    shown: Option<Instant>,
}

impl<'a> Display<'a> {
    fn new(publisher: &'a Publisher<'a>) -> Display<'a> {
        Display {
            publisher,
            id: new_id(),
            began: Instant::now(),
            shown: None,
        }
    }

    /// Shows how far it is, if it is time for that.
    fn tell(&mut self, sentence: &str, far: Option<&Progress>) {
        let is_time = match self.shown {
            Some(last) => last.elapsed() >= BETWEEN_UPDATES,
            None => self.began.elapsed() >= SILENT,
        };
        if !is_time {
            return;
        }
        let mut data = plain(sentence);
        if let Some(far) = far {
            data.insert(PROGRESS_MIME.to_owned(), json!(far));
        }
        self.show(data);
    }

    /// There is no answer to wait for any more.
    fn give_up(&mut self) {
        if self.shown.is_some() {
            self.show(plain("Not explored to the end."));
        }
    }

    fn show(&mut self, mut data: Map<String, Value>) {
        for (mime, value) in &mut data {
            if let ("text/plain" | "text/html", Value::String(text)) = (&**mime, value) {
                *text = self.publisher.named(text).into_owned();
            }
        }
        let display = DisplayData {
            data,
            metadata: Map::new(),
            transient: Transient {
                display_id: self.id.clone(),
            },
        };
        match self.shown.replace(Instant::now()) {
            None => self.publisher.publish(&display),
            Some(_) => self.publisher.publish(&UpdateDisplayData(display)),
        }
    }
}

fn plain(sentence: &str) -> Map<String, Value> {
    Map::from_iter([("text/plain".to_owned(), sentence.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_gets_no_greater_graph_than_it_takes() {
        for (metadata, edges) in [
            (json!({}), GRAPH),
            (json!({"interleaved": {"graph": 40_000}}), 40_000),
            (json!({"interleaved": {"graph": 0}}), 0),
            (json!({"interleaved": {"graph": u64::MAX}}), LARGEST_GRAPH),
            (json!({"interleaved": {"graph": -1}}), GRAPH),
            (json!({"interleaved": "graph"}), GRAPH),
        ] {
            let map = metadata.as_object().unwrap();
            assert_eq!(largest_graph(map), edges, "{metadata}");
        }
    }
}
