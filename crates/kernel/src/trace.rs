//! One execution of a program: as a table, and as data to step through.

use crate::html::escaped;
use crate::origins::Origins;
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
pub(crate) fn text(trace: &Trace, clock: Clock, origins: &Origins) -> String {
    let mut rows = rows(trace, clock, origins);
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
pub(crate) fn html(trace: &Trace, clock: Clock, origins: &Origins) -> String {
    let mut html = "<table><thead><tr>".to_owned();
    for column in columns(clock) {
        let _ = write!(
            html,
            "<th scope=\"col\" style=\"text-align:left\">{}</th>",
            HEADINGS[column]
        );
    }
    html += "</tr></thead><tbody>";
    for row in rows(trace, clock, origins) {
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

/// A picture: a lane for each thread, time downward, a line from what is given
/// to what is taken. It has the colours of the text around it. Notebooks that
/// are not trusted lose it, and keep the table.
pub(crate) fn svg(trace: &Trace) -> String {
    const LANE: usize = 110;
    const ROW: usize = 22;
    const TOP: usize = 40;
    let events: Vec<&Event> = trace
        .events
        .iter()
        .filter(|it| it.action != "start")
        .collect();
    let mut lanes: Vec<u16> = events.iter().map(|event| event.thread).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let lane = |thread: u16| lanes.iter().position(|it| *it == thread).unwrap_or(0);
    let x = |thread: u16| LANE / 2 + LANE * lane(thread);
    let y = |row: usize| TOP + ROW * row;
    let words = LANE * lanes.len();
    let (width, height) = (words + 420, y(events.len()));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"An execution, step by \
         step\" viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px;width:100%\" \
         fill=\"currentColor\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    for thread in &lanes {
        let (x, end) = (x(*thread), height - ROW / 2);
        let name = escaped(&trace.thread_name(*thread));
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"16\" text-anchor=\"middle\" font-weight=\"bold\">{name}</text>\
             <path d=\"M{x} 24V{end}\" stroke=\"currentColor\" stroke-opacity=\"0.3\" fill=\"none\"/>"
        );
    }
    for (row, event) in events.iter().enumerate() {
        let (x0, y0) = (x(event.thread), y(row));
        let other = event.with.and_then(|at| trace.events.get(at));
        let other =
            other.and_then(|it| Some((it, events.iter().position(|e| std::ptr::eq(*e, it))?)));
        if let Some((other, at)) = other.filter(|(_, at)| *at < row) {
            let (x1, y1) = (x(other.thread), y(at));
            let _ = write!(
                svg,
                "<path d=\"M{x1} {y1}L{x0} {y0}\" stroke=\"currentColor\" fill=\"none\"/>"
            );
        }
        let printed = in_one_line(&format!("{}{}", event.text, event.stderr));
        let words_of = match printed.is_empty() {
            true => trace.deed(event),
            false => format!("{}: {printed}", event.action),
        };
        let short: String = words_of.chars().take(60).collect();
        let _ = write!(
            svg,
            "<circle cx=\"{x0}\" cy=\"{y0}\" r=\"4\"/><text x=\"{words}\" y=\"{}\">{} {}</text>",
            y0 + 4,
            row + 1,
            escaped(&short)
        );
    }
    svg + "</svg>"
}

fn columns(clock: Clock) -> impl Iterator<Item = usize> {
    (0..HEADINGS.len()).filter(move |column| *column != TIME || clock == Clock::Prompt)
}

fn rows(trace: &Trace, clock: Clock, origins: &Origins) -> Vec<Row> {
    let events = trace.events.iter();
    events
        .filter(|event| event.action != "start")
        .enumerate()
        .map(|(index, event)| row(index + 1, trace, event, clock, origins))
        .collect()
}

fn row(number: usize, trace: &Trace, event: &Event, clock: Clock, origins: &Origins) -> Row {
    let time = match clock {
        Clock::Any => String::new(),
        Clock::Prompt => duration(event.time as f64 / 1e9),
    };
    let line = event.at.as_ref().map(|at| origins.line(at.line as usize));
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
