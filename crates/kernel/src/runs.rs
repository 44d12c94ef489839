//! What many runs of one program came to: each different outcome, and how
//! often it was seen.

use crate::html::{escaped, printed};
use outcomes_protocol::with_directions_named;
use runner::{Ending, Event, Stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt::Write;

/// The MIME type of the table as data.
pub const MIME: &str = "application/vnd.interleaved.runs+json";

/// The most text of different outcomes that is kept, in bytes. Outcomes beyond
/// are only counted.
const KEPT: usize = 4 * 1024 * 1024;

/// What one run printed, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Outcome {
    /// What it printed to stdout.
    pub stdout: String,
    /// What it printed to stderr, without the numbers that the operating
    /// system gives to threads: they differ in every run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// How it ended.
    pub ending: Ending,
}

impl Outcome {
    /// Waits for a run's events to end.
    ///
    /// # Panics
    /// If they end without [`Event::Ended`], which a run never does.
    pub fn of(events: impl Iterator<Item = Event>) -> Outcome {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for event in events {
            match event {
                Event::Output {
                    stream: Stream::Stdout,
                    bytes,
                    ..
                } => stdout.extend(bytes),
                Event::Output { bytes, .. } => stderr.extend(bytes),
                Event::Ended { ending, .. } => {
                    return Outcome {
                        stdout: String::from_utf8_lossy(&stdout).into_owned(),
                        stderr: without_thread_ids(&String::from_utf8_lossy(&stderr)),
                        ending,
                    };
                }
            }
        }
        unreachable!("a run's last event is its end")
    }

    fn size(&self) -> usize {
        self.stdout.len() + self.stderr.len()
    }
}

/// How often each outcome was seen.
#[derive(Debug)]
pub struct Tally {
    runs: u32,
    done: u32,
    /// In the order in which they were first seen.
    outcomes: Vec<(Outcome, u32)>,
    places: HashMap<Outcome, usize>,
    size: usize,
    not_kept: u32,
}

impl Tally {
    /// An empty tally of a program that is to run so many times.
    pub fn new(runs: u32) -> Tally {
        Tally {
            runs,
            done: 0,
            outcomes: Vec::new(),
            places: HashMap::new(),
            size: 0,
            not_kept: 0,
        }
    }

    /// How many runs are counted.
    pub fn done(&self) -> u32 {
        self.done
    }

    /// Counts an outcome. One that was stopped by the reader says nothing
    /// about the program, and is left out; tells whether it was counted.
    pub fn add(&mut self, outcome: Outcome) -> bool {
        if outcome.ending == Ending::Stopped {
            return false;
        }
        self.done += 1;
        if let Some(&place) = self.places.get(&outcome) {
            self.outcomes[place].1 += 1;
        } else if self.size + outcome.size() > KEPT {
            self.not_kept += 1;
        } else {
            self.size += outcome.size();
            self.places.insert(outcome.clone(), self.outcomes.len());
            self.outcomes.push((outcome, 1));
        }
        true
    }

    /// The table in every MIME type that front ends may want.
    pub fn bundle(&self) -> Map<String, Value> {
        let sorted = self.sorted();
        Map::from_iter([
            (MIME.to_owned(), self.data(&sorted)),
            ("text/html".to_owned(), self.html(&sorted).into()),
            (
                "text/plain".to_owned(),
                with_directions_named(&self.text(&sorted)).into(),
            ),
        ])
    }

    /// The outcomes seen most often first, then those seen earliest.
    fn sorted(&self) -> Vec<&(Outcome, u32)> {
        let mut sorted: Vec<_> = self.outcomes.iter().collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        sorted
    }

    fn data(&self, sorted: &[&(Outcome, u32)]) -> Value {
        #[derive(Serialize)]
        struct Row<'a> {
            count: u32,
            #[serde(flatten)]
            outcome: &'a Outcome,
        }
        let rows: Vec<_> = sorted
            .iter()
            .map(|(outcome, count)| Row {
                count: *count,
                outcome,
            })
            .collect();
        let mut data = json!({"runs": self.runs, "done": self.done, "outcomes": rows});
        if self.not_kept > 0 {
            data["not_kept"] = self.not_kept.into();
        }
        data
    }

    /// The table's heading: how many runs and how many outcomes.
    fn heading(&self) -> String {
        let of = if self.done < self.runs {
            format!("{} of {}", self.done, self.runs)
        } else {
            self.runs.to_string()
        };
        let runs = if self.runs == 1 { "run" } else { "runs" };
        let mut heading = match self.outcomes.len() {
            1 => format!("{of} {runs}, 1 outcome"),
            different => format!("{of} {runs}, {different} different outputs"),
        };
        if self.not_kept > 0 {
            let _ = write!(
                heading,
                ", and {} runs whose outcomes were too long to keep",
                self.not_kept
            );
        }
        heading
    }

    fn text(&self, sorted: &[&(Outcome, u32)]) -> String {
        let mut text = self.heading();
        for (outcome, count) in sorted {
            let _ = write!(text, "\n\n{count} × {}", outcome.ending);
            for line in outcome.stdout.lines().chain(outcome.stderr.lines()) {
                let _ = write!(text, "\n    {line}");
            }
        }
        text
    }

    fn html(&self, sorted: &[&(Outcome, u32)]) -> String {
        let mut html = format!(
            "<table><caption>{}</caption><thead><tr><th scope=\"col\">Times</th>\
             <th scope=\"col\" style=\"text-align:left\">Output</th>\
             <th scope=\"col\" style=\"text-align:left\">Ending</th></tr></thead><tbody>",
            escaped(&self.heading())
        );
        for (outcome, count) in sorted {
            let _ = write!(
                html,
                "<tr><td>{count}</td><td style=\"text-align:left\">{}",
                printed(&outcome.stdout)
            );
            if !outcome.stderr.is_empty() {
                html += &printed(&outcome.stderr);
            }
            let _ = write!(
                html,
                "</td><td style=\"text-align:left\">{}</td></tr>",
                escaped(&outcome.ending.to_string())
            );
        }
        html + "</tbody></table>"
    }
}

/// Turns `thread 'main' (12345) panicked at …` into `thread 'main' panicked
/// at …`, in every line that begins so.
fn without_thread_ids(stderr: &str) -> String {
    stderr
        .split_inclusive('\n')
        .map(|line| without_thread_id(line).unwrap_or_else(|| line.to_owned()))
        .collect()
}

fn without_thread_id(line: &str) -> Option<String> {
    if !line.starts_with("thread ") {
        return None;
    }
    let (name, rest) = line.split_once(" (")?;
    let (id, rest) = rest.split_once(") ")?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    (is_id
        && ["panicked at", "has overflowed"]
            .iter()
            .any(|what| rest.starts_with(what)))
    .then(|| format!("{name} {rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stdout: &str, stderr: &str, ending: Ending) -> Outcome {
        Outcome {
            stdout: stdout.into(),
            stderr: stderr.into(),
            ending,
        }
    }

    #[test]
    fn outcomes_are_counted_and_sorted() {
        let mut tally = Tally::new(4);
        assert!(tally.add(outcome("a\n", "", Ending::Returned)));
        assert!(tally.add(outcome("b\n", "", Ending::Returned)));
        assert!(tally.add(outcome("b\n", "", Ending::Returned)));
        assert!(!tally.add(outcome("b", "", Ending::Stopped)));
        let bundle = tally.bundle();
        assert_eq!(
            bundle[MIME],
            json!({"runs": 4, "done": 3, "outcomes": [
                {"count": 2, "stdout": "b\n", "ending": {"kind": "returned"}},
                {"count": 1, "stdout": "a\n", "ending": {"kind": "returned"}},
            ]})
        );
        let text = bundle["text/plain"].as_str().unwrap();
        assert!(text.starts_with("3 of 4 runs, 2 different outputs\n\n2 × "));
    }

    #[test]
    fn endings_and_stderr_tell_outcomes_apart() {
        let mut tally = Tally::new(3);
        tally.add(outcome("a", "", Ending::Returned));
        tally.add(outcome("a", "oops", Ending::Panicked));
        tally.add(outcome("a", "", Ending::Panicked));
        let data = &tally.bundle()[MIME];
        assert_eq!(data["outcomes"].as_array().unwrap().len(), 3);
        assert_eq!(data["outcomes"][1]["stderr"], "oops");
    }

    #[test]
    fn text_is_escaped_in_html() {
        let mut tally = Tally::new(1);
        tally.add(outcome("<script>&", "", Ending::Returned));
        let html = tally.bundle()["text/html"].as_str().unwrap().to_owned();
        assert!(html.contains(">&lt;script&gt;&amp;</pre>"), "{html}");
    }

    #[test]
    fn what_is_too_long_to_keep_is_still_counted() {
        let mut tally = Tally::new(3);
        tally.add(outcome(&"x".repeat(KEPT), "", Ending::Returned));
        tally.add(outcome("y", "", Ending::Returned));
        tally.add(outcome("z", "", Ending::Returned));
        let data = &tally.bundle()[MIME];
        assert_eq!((&data["done"], &data["not_kept"]), (&json!(3), &json!(2)));
    }

    #[test]
    fn thread_ids_make_no_difference() {
        for (with, without) in [
            (
                "\nthread 'main' (12345) panicked at src/main.rs:2:5:\nboom (1) x\n",
                "\nthread 'main' panicked at src/main.rs:2:5:\nboom (1) x\n",
            ),
            ("thread (1) sleeps", "thread (1) sleeps"),
            ("thread 'a' (x) panicked at", "thread 'a' (x) panicked at"),
        ] {
            assert_eq!(without_thread_ids(with), without);
        }
    }
}
