//! One execution of a program: as a table, and as data to step through.

use crate::html::escaped;
use outcomes_protocol::{Clock, Ending, Event, Trace, duration, in_one_line};
use serde_json::{Value, json};
use std::fmt::Write;

/// The MIME type of a trace with its program, which `labextension/trace.js`
/// draws in JupyterLab.
pub(crate) const MIME: &str = "application/vnd.interleaved.trace+json";

/// The table's columns.
const HEADINGS: [&str; 6] = ["Step", "Time", "Thread", "Event", "Line", "Output"];

/// Which of them is left out where time is not known.
const TIME: usize = 1;

type Row = [String; HEADINGS.len()];

/// A trace with the program that it is of.
pub(crate) fn data(trace: &Trace, source: &str) -> Value {
    json!({"trace": trace, "source": source})
}

/// A table in columns of characters.
pub(crate) fn text(trace: &Trace, clock: Clock) -> String {
    let mut rows = rows(trace, clock);
    rows.insert(0, HEADINGS.map(str::to_owned));
    let columns: Vec<usize> = columns(clock).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = columns
            .iter()
            .map(|&column| format!("{:1$}", row[column], widths[column]));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let (sentence, left) = end(trace);
    let _ = writeln!(text, "{sentence}");
    for line in left {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// A table in HTML.
pub(crate) fn html(trace: &Trace, clock: Clock) -> String {
    let mut html = "<table><thead><tr>".to_owned();
    for column in columns(clock) {
        let _ = write!(html, "<th scope=\"col\">{}</th>", HEADINGS[column]);
    }
    html += "</tr></thead><tbody>";
    for row in rows(trace, clock) {
        html += "<tr>";
        for column in columns(clock) {
            let cell = escaped(&row[column]);
            let _ = write!(html, "<td style=\"text-align:left\">{cell}</td>");
        }
        html += "</tr>";
    }
    let (sentence, left) = end(trace);
    let _ = write!(html, "</tbody></table><p>{}</p>", escaped(&sentence));
    if !left.is_empty() {
        html += "<ul>";
        for line in left {
            let _ = write!(html, "<li>{}</li>", escaped(&line));
        }
        html += "</ul>";
    }
    html
}

fn columns(clock: Clock) -> impl Iterator<Item = usize> {
    (0..HEADINGS.len()).filter(move |column| *column != TIME || clock == Clock::Prompt)
}

fn rows(trace: &Trace, clock: Clock) -> Vec<Row> {
    let events = trace.events.iter();
    events
        .filter(|event| event.action != "start")
        .enumerate()
        .map(|(index, event)| row(index + 1, trace, event, clock))
        .collect()
}

fn row(number: usize, trace: &Trace, event: &Event, clock: Clock) -> Row {
    let time = match clock {
        Clock::Any => String::new(),
        Clock::Prompt => duration(event.time as f64 / 1e9),
    };
    let line = event.at.as_ref().map(|at| at.line.to_string());
    let printed = format!("{}{}", event.text, event.stderr);
    [
        number.to_string(),
        time,
        trace.thread_name(event.thread),
        trace.deed(event),
        line.unwrap_or_default(),
        in_one_line(&printed),
    ]
}

/// How it ended, and who was left waiting for what.
fn end(trace: &Trace) -> (String, Vec<String>) {
    match &trace.ending {
        Some(Ending::Deadlocked) => (
            "Deadlock: nobody can go on.".to_owned(),
            trace.left.sentences(),
        ),
        Some(ending) => (format!("Then: {ending}."), Vec::new()),
        None => ("It was not followed any further.".to_owned(), Vec::new()),
    }
}
