//! What `--html` writes: a page that needs nothing but a browser, with all that a
//! person is told, and executions to step through.
//!
//! It draws with the scripts and styles of the book's page, which are taken as they
//! are from the folder of `mdbook-interleaved` when this is built. Only `own.css`,
//! `own.js` and `theme.js` are its own. What it shows comes from programs, so nothing
//! but its own scripts may run, and it may fetch nothing.

use super::Program;
use crate::Modelled;
use anyhow::{Context, Result};
use outcomes_protocol::{
    Answer, Blocked, Deadlock, Ending, Leak, PossiblePanic, Sample, Trace, with_directions_named,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

macro_rules! files {
    ($($file:literal)*) => {
        concat!($(include_str!(concat!("page/", $file)), "\n"),*)
    };
}

const STYLES: &str = files!("colours.css" "theme.css" "listing.css" "outcomes.css" "own.css");

/// In the order of their uses. They meet in `window.interleaved`.
const SCRIPTS: &str = files!(
    "direction.js" "endings.js" "elements.js" "story.js" "source-lines.js" "diagram.js"
    "execution-copy.js" "step-through.js" "own.js"
);

/// Says which theme is wanted, before anything is drawn in another.
const THEME: &str = files!("theme.js");

/// No script and no style from elsewhere, no request at all.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// As many deadlocks, panics, leaks and outputs each are looked at.
const OF_EACH: usize = 3;

/// A part of the page.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is about. Without one, it is all that the page is about.
    pub(super) heading: Option<String>,
    /// What a person is told in a terminal.
    pub(super) words: String,
    /// Each with what it shows, the first of them opened.
    pub(super) executions: Vec<Execution>,
}

/// An execution, with the text that its lines are of.
#[derive(Debug)]
pub(super) struct Execution {
    title: String,
    file: String,
    source: String,
    trace: Value,
}

impl Execution {
    /// With the file that most of it happens in. What happens in other files keeps
    /// its words and loses its lines, which would be taken for lines of that one.
    pub(super) fn new(
        title: &str,
        trace: &Trace,
        program: &Program,
        modelled: &Modelled,
    ) -> Result<Execution> {
        let mut trace = serde_json::to_value(trace)?;
        let mut files = BTreeMap::new();
        count_files(&trace, &mut files);
        let most = files.into_iter().max_by_key(|(_, places)| *places);
        let file = most.map_or_else(|| program.file_name.clone(), |(file, _)| file);
        let source = match file == program.file_name {
            true => program.source.clone(),
            false => modelled.text(&file).unwrap_or_default().to_owned(),
        };
        keep_only(&file, &mut trace);
        Ok(Execution {
            title: title.to_owned(),
            file,
            source,
            trace,
        })
    }
}

/// Which executions of a program a page shows: how it goes wrong, and then what it
/// prints.
pub(super) fn samples(answer: &Answer) -> Vec<(String, Sample)> {
    let deadlocks = (0..).zip(&answer.deadlocks).take(OF_EACH);
    let deadlocks = deadlocks.map(|(index, Deadlock { standstill, .. })| {
        let title = format!("A deadlock of {}", names(&standstill.blocked));
        (title, Sample::Deadlock(index))
    });
    let panics = (0..).zip(&answer.panics).take(OF_EACH);
    let panics = panics.map(|(index, PossiblePanic { panic, .. })| {
        let message = in_a_title(&panic.message);
        let title = format!("A panic of {}: {message}", panic.who.short());
        (title, Sample::Panic(index))
    });
    let leaks = (0..).zip(&answer.leaks).take(OF_EACH);
    let leaks = leaks.map(|(index, Leak { standstill, .. })| {
        let title = format!("Stuck for good: {}", names(&standstill.blocked));
        (title, Sample::Leak(index))
    });
    let outputs = (0..).zip(&answer.listed).take(OF_EACH);
    let outputs = outputs.map(|(index, output)| {
        let printed = match output.text.trim_end() {
            "" => "It prints nothing".to_owned(),
            text => format!("It prints {}", in_a_title(text)),
        };
        let then = match &output.ending {
            Ending::Returned => String::new(),
            ending => format!("; then {ending}"),
        };
        (printed + &then, Sample::Output(index))
    });
    deadlocks
        .chain(panics)
        .chain(leaks)
        .chain(outputs)
        .collect()
}

/// "main, thread 1 and thread 2".
fn names(blocked: &[Blocked]) -> String {
    let names: Vec<String> = blocked.iter().map(|it| it.who.short()).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// As much as fits on a line.
fn in_a_title(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.lines().collect::<Vec<_>>().join(" / ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Writes the page.
pub(super) fn write(file: &Path, title: &str, parts: &[Part]) -> Result<()> {
    fs::write(file, document(title, parts))
        .with_context(|| format!("--html {}: can't be written", file.display()))
}

fn document(title: &str, parts: &[Part]) -> String {
    let title = escaped(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLES}</style>\n<script>\n{THEME}</script>\n</head>\n\
         <body>\n<div class=\"content\">\n<main>\n<h1>{title}</h1>\n"
    );
    for part in parts {
        if let Some(heading) = &part.heading {
            let _ = writeln!(html, "<h2>{}</h2>", escaped(heading));
        }
        let _ = writeln!(
            html,
            "<pre class=\"report\" tabindex=\"0\">{}</pre>",
            escaped(part.words.trim())
        );
        for (index, execution) in part.executions.iter().enumerate() {
            let open = if index == 0 { " open" } else { "" };
            let data = json!({
                "title": execution.title,
                "file": execution.file,
                "source": execution.source,
                "trace": execution.trace,
            });
            let _ = writeln!(
                html,
                "<details class=\"execution\"{open}>\n<summary>{}</summary>\n\
                 <script type=\"application/json\">{}</script>\n\
                 <p class=\"without-script\">To step through it takes a browser that runs scripts.</p>\n\
                 </details>",
                escaped(&execution.title),
                // What ends a script must not stand in it.
                data.to_string().replace('<', "\\u003c")
            );
        }
    }
    let _ = write!(
        html,
        "</main>\n</div>\n<script>\n{SCRIPTS}</script>\n</body>\n</html>\n"
    );
    html
}

fn escaped(text: &str) -> String {
    with_directions_named(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The file of a place, if it is one.
fn file_of(place: &Map<String, Value>) -> Option<&str> {
    place.get("line")?.as_u64()?;
    place.get("file")?.as_str()
}

fn count_files(value: &Value, files: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(fields) => match file_of(fields) {
            Some(file) => *files.entry(file.to_owned()).or_default() += 1,
            None => fields.values().for_each(|it| count_files(it, files)),
        },
        Value::Array(items) => items.iter().for_each(|it| count_files(it, files)),
        _ => {}
    }
}

fn keep_only(file: &str, value: &mut Value) {
    match value {
        Value::Object(fields) => match file_of(fields) {
            Some(other) if other != file => *value = Value::Null,
            Some(_) => {}
            None => fields.values_mut().for_each(|it| keep_only(file, it)),
        },
        Value::Array(items) => items.iter_mut().for_each(|it| keep_only(file, it)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_prints_stays_text() {
        let trace = json!({"events": [{"text": "</script><script>alert(1)</script>"}]});
        let execution = Execution {
            title: "It prints </summary><b>".to_owned(),
            file: "a.rs".to_owned(),
            source: "// <!-- </script>".to_owned(),
            trace,
        };
        let part = Part {
            heading: Some("<i>".to_owned()),
            words: "<b>\u{202e}</b>".to_owned(),
            executions: vec![execution],
        };
        let html = document("\"a\" & <b>", &[part]);
        assert!(html.contains("<title>&quot;a&quot; &amp; &lt;b&gt;</title>"));
        assert!(html.contains("<h2>&lt;i&gt;</h2>"));
        assert!(html.contains("&lt;b&gt;⟨RLO⟩&lt;/b&gt;"));
        assert!(!html.contains("<script>alert"));
        assert!(!html.contains("<!--"));
        // One for the theme, one for what is drawn, and the one around the data.
        assert_eq!(html.matches("</script>").count(), 3);
    }

    #[test]
    fn lines_are_of_one_file() {
        let mut trace = json!({
            "events": [
                {"at": {"file": "src/lib.rs", "line": 3, "column": 1}},
                {"at": {"file": "src/tests.rs", "line": 3, "column": 1}},
                {"at": {"file": "src/lib.rs", "line": 4, "column": 1}},
            ],
        });
        let mut files = BTreeMap::new();
        count_files(&trace, &mut files);
        assert_eq!(files["src/lib.rs"], 2);
        keep_only("src/lib.rs", &mut trace);
        assert_eq!(trace["events"][0]["at"]["line"], 3);
        assert_eq!(trace["events"][1]["at"], Value::Null);
    }
}
