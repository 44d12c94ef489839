//! What a program can print, as front ends show it.

use crate::html::{escaped, printed};
use crate::origins::Origins;
use crate::trace;
use cargo_outcomes::{Front, advice, report};
use outcomes_protocol::{
    Answer, Checked, Deadlock, Ending, Ends, Limits, Membership, NotCounted, NotPossible, Output,
    Request, Stopped, counted, duration, with_directions_named, with_separators,
};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The MIME type of what is known of a program: an [`Answer`] as JSON with the
/// `edition` in which it was built, but that counts beyond 2^53 are strings of digits, which JavaScript would round
/// else.
pub const MIME: &str = "application/vnd.interleaved.outcomes+json";

/// The MIME type of how far exploring has come: an
/// [`outcomes_protocol::Progress`] as JSON.
pub const PROGRESS_MIME: &str = "application/vnd.interleaved.progress+json";

/// The greatest whole number that JavaScript tells from its neighbours.
const EXACT: u128 = (1 << 53) - 1;

/// How many deadlocks are told in words.
const DEADLOCKS: usize = 8;

/// An answer to show, with what was asked.
pub(crate) struct Report<'a> {
    /// The program.
    pub(crate) source: &'a str,
    /// Which lines of it are other cells'.
    pub(crate) origins: &'a Origins,
    /// The edition in which it was built.
    pub(crate) edition: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) answer: &'a Answer,
    /// Whether the execution is what was asked for.
    pub(crate) traced: bool,
}

/// A part of a report.
enum Part {
    /// The sentence that says it all.
    Headline(String),
    /// A line of lesser weight.
    Line(String),
    /// How many, and how they end.
    Endings(Vec<[String; 2]>),
    /// Text with a heading; folded away where that is possible.
    Folded(String, Vec<Numbered>),
    /// A heading, and who waits for what.
    Stuck(String, Vec<String>),
    /// Text as it is.
    Text(String),
}

/// An output with its number.
struct Numbered {
    number: String,
    text: String,
    /// How it ends, where that is not plain.
    note: Option<String>,
}

impl Report<'_> {
    /// It in every MIME type that front ends may want.
    pub(crate) fn bundle(&self) -> Map<String, Value> {
        let parts = self.parts();
        let (mut text, mut html) = (text(&parts), html(&parts));
        let mut bundle = Map::new();
        if let Some(trace) = self.answer.trace.as_ref().filter(|_| self.traced) {
            let clock = self.request.settings.clock;
            text += &trace::text(trace, clock, self.origins);
            html += &trace::svg(trace);
            html += &trace::html(trace, clock, self.origins);
            bundle.insert(trace::MIME.to_owned(), trace::data(trace, self.source));
        }
        bundle.extend([
            (MIME.to_owned(), data(self.answer, self.edition)),
            ("text/html".to_owned(), html.into()),
            (
                "text/plain".to_owned(),
                with_directions_named(text.trim_end()).into(),
            ),
        ]);
        bundle
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some(checked) = self.answer.checked.first() {
            self.membership(checked, &mut parts);
        }
        if !self.request.search_only && !self.traced {
            self.count(&mut parts);
            self.listed(&mut parts);
            self.deadlocks(&mut parts);
            self.leaks(&mut parts);
            self.panics(&mut parts);
        }
        if let Some(computing) = &self.answer.computing {
            parts.push(Part::Line(format!("Then {computing}.")));
        }
        parts.extend(advice(self.request, self.answer, Front::Cell).map(Part::Line));
        parts
    }

    fn membership(&self, checked: &Checked, parts: &mut Vec<Part>) {
        let sentence = match checked {
            Checked::Known(Membership::Possible(_)) => "Yes, the program can print this.",
            Checked::Known(Membership::NotPossible(not)) => return self.not_possible(not, parts),
            Checked::Unknown(limit) => {
                let reached = reached(*limit, &self.request.settings.limits);
                let sentence =
                    format!("Whether the program can print this is not known: {reached}.");
                parts.push(Part::Headline(sentence));
                return;
            }
        };
        parts.push(Part::Headline(sentence.to_owned()));
    }

    fn not_possible(&self, not: &NotPossible, parts: &mut Vec<Part>) {
        let headline = "No, the program can never print this.";
        parts.push(Part::Headline(headline.to_owned()));
        let asked = self.request.checks.first().map_or("", |check| &check.text);
        let rest = asked.strip_prefix(not.prefix.as_str()).unwrap_or(asked);
        if not.prefix.is_empty() {
            parts.push(Part::Line("Not even its beginning is possible.".to_owned()));
        } else {
            parts.push(Part::Line(
                "No execution gets further than this:".to_owned(),
            ));
            parts.push(Part::Text(not.prefix.clone()));
        }
        let next = match rest.split_inclusive('\n').next() {
            Some(line) => format!("What can't come then is {}.", quoted(line)),
            None => "It can't end then.".to_owned(),
        };
        parts.push(Part::Line(next));
        if !not.instead.is_empty() {
            let instead: Vec<String> = not.instead.iter().map(|text| quoted(text)).collect();
            let line = format!("What can come instead: {}.", instead.join(", or "));
            parts.push(Part::Line(line));
        }
    }

    fn count(&self, parts: &mut Vec<Part>) {
        let answer = self.answer;
        let headline = match (answer.outputs, &answer.not_counted) {
            (Some(count), _) => counted(count, "possible output"),
            (None, Some(NotCounted::Unbounded)) => {
                "The program can print without end, so there is no end of outputs.".to_owned()
            }
            (None, Some(NotCounted::Incomplete(limit) | NotCounted::TooBig(limit))) => format!(
                "How many outputs the program can have is not known: {}.",
                reached(*limit, &self.request.settings.limits)
            ),
            (None, None) => "How many outputs the program can have is not known.".to_owned(),
        };
        parts.push(Part::Headline(headline));
        if let Some(so_far) = answer.so_far.as_ref().filter(|it| it.outputs > 0) {
            let least = counted(so_far.outputs, "possible output");
            let line = format!("At least {least}: so many were found until then.");
            parts.push(Part::Line(line));
        }
        let endings = answer.known_endings().iter();
        let endings = endings.map(|ends| [with_separators(ends.outputs), ends.ending.to_string()]);
        parts.push(Part::Endings(endings.collect()));
        let work = report::work(answer);
        parts.push(Part::Line(format!("{work}, edition {}", self.edition)));
    }

    fn listed(&self, parts: &mut Vec<Part>) {
        let listed = self.answer.known_outputs();
        let so_far = self.answer.so_far.as_ref().map(|it| it.outputs);
        let all = self.answer.outputs.or(so_far).unwrap_or(0);
        if listed.is_empty() {
            return;
        }
        let heading = match all.saturating_sub(listed.len() as u128) {
            0 => "All of them".to_owned(),
            _ => format!(
                "The first {} of {} (--first shows more)",
                with_separators(listed.len() as u128),
                with_separators(all)
            ),
        };
        let numbered = listed.iter().enumerate();
        let numbered = numbered.map(|(index, output)| Numbered::of(index + 1, output));
        parts.push(Part::Folded(heading, numbered.collect()));
    }

    fn deadlocks(&self, parts: &mut Vec<Part>) {
        let deadlocks = &self.answer.deadlocks;
        for (index, deadlock) in deadlocks.iter().take(DEADLOCKS).enumerate() {
            let heading = report::deadlock_heading(index, deadlocks.len());
            parts.push(stuck(heading, deadlock));
        }
        if deadlocks.len() > DEADLOCKS {
            let more = deadlocks.len() - DEADLOCKS;
            parts.push(Part::Line(format!("and {more} more deadlocks")));
        }
    }

    fn leaks(&self, parts: &mut Vec<Part>) {
        let leaks = &self.answer.leaks;
        for (index, leak) in leaks.iter().take(DEADLOCKS).enumerate() {
            let heading = report::leak_heading(index, leaks.len());
            parts.push(Part::Stuck(heading, leak.standstill.sentences()));
        }
        if leaks.len() > DEADLOCKS {
            let more = leaks.len() - DEADLOCKS;
            parts.push(Part::Line(format!(
                "and {more} more ways to be stuck for good"
            )));
        }
    }

    fn panics(&self, parts: &mut Vec<Part>) {
        let panics = self.answer.panics.iter();
        let lines: Vec<String> = panics.map(|possible| possible.panic.to_string()).collect();
        if !lines.is_empty() {
            parts.push(Part::Stuck(report::PANICS_HEADING.to_owned(), lines));
        }
    }
}

impl Numbered {
    fn of(number: usize, output: &Output) -> Numbered {
        let is_open = !output.text.is_empty() && !output.text.ends_with('\n');
        let note = match &output.ending {
            Ending::Returned if is_open => Some("and no end of the line".to_owned()),
            Ending::Returned if output.text.is_empty() => Some("nothing".to_owned()),
            Ending::Returned => None,
            ending => Some(ending.to_string()),
        };
        Numbered {
            number: with_separators(number as u128),
            text: output.text.clone(),
            note,
        }
    }
}

fn stuck(heading: String, deadlock: &Deadlock) -> Part {
    Part::Stuck(heading, deadlock.standstill.sentences())
}

fn text(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Headline(line) | Part::Line(line) => text += &format!("{line}\n"),
            Part::Endings(rows) => {
                let width = rows.iter().map(|[count, _]| count.len()).max().unwrap_or(0);
                for [count, ending] in rows {
                    let _ = writeln!(text, "  {count:>width$}  {ending}");
                }
            }
            Part::Folded(heading, outputs) => {
                let _ = writeln!(text, "\n{heading}:");
                let width = outputs.last().map_or(0, |output| output.number.len());
                for output in outputs {
                    write_numbered(&mut text, output, width);
                }
            }
            Part::Stuck(heading, blocked) => {
                let _ = writeln!(text, "\n{heading}");
                for line in blocked {
                    let _ = writeln!(text, "  {line}");
                }
            }
            Part::Text(words) => {
                for line in words.lines() {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
    }
    text
}

fn write_numbered(text: &mut String, output: &Numbered, width: usize) {
    let mut number = output.number.as_str();
    let note = output.note.as_ref().map(|note| format!("({note})"));
    text.push('\n');
    for line in output.text.lines().chain(note.as_deref()) {
        let _ = writeln!(text, "  {number:>width$}  {line}");
        number = "";
    }
}

fn html(parts: &[Part]) -> String {
    let mut html = String::new();
    for part in parts {
        match part {
            Part::Headline(line) => {
                let _ = write!(html, "<p><strong>{}</strong></p>", escaped(line));
            }
            Part::Line(line) => {
                let _ = write!(html, "<p>{}</p>", escaped(line));
            }
            Part::Endings(rows) if rows.is_empty() => {}
            Part::Endings(rows) => {
                html += "<table><thead><tr><th scope=\"col\">Outputs</th>\
                         <th scope=\"col\" style=\"text-align:left\">Ending</th></tr></thead>\
                         <tbody>";
                for [count, ending] in rows {
                    let _ = write!(
                        html,
                        "<tr><td>{count}</td><td style=\"text-align:left\">{}</td></tr>",
                        escaped(ending)
                    );
                }
                html += "</tbody></table>";
            }
            Part::Folded(heading, outputs) => {
                let _ = write!(
                    html,
                    "<details><summary>{}</summary><table><tbody>",
                    escaped(heading)
                );
                for Numbered { number, text, note } in outputs {
                    let note = note.as_deref().unwrap_or_default();
                    let _ = write!(
                        html,
                        "<tr><th scope=\"row\">{number}</th><td style=\"text-align:left\">\
                         {}{}</td></tr>",
                        printed(text),
                        escaped(note)
                    );
                }
                html += "</tbody></table></details>";
            }
            Part::Stuck(heading, blocked) => {
                let _ = write!(
                    html,
                    "<details open><summary>{}</summary><ul>",
                    escaped(heading)
                );
                for line in blocked {
                    let _ = write!(html, "<li>{}</li>", escaped(line));
                }
                html += "</ul></details>";
            }
            Part::Text(words) => {
                let _ = write!(html, "<pre>{}</pre>", escaped(words));
            }
        }
    }
    html
}

/// An answer as JSON, with exact counts.
fn data(answer: &Answer, edition: &str) -> Value {
    let mut without_counts = answer.clone();
    without_counts.outputs = None;
    let so_far = without_counts.so_far.take();
    without_counts.endings.iter_mut().for_each(without_count);
    let mut data = json!(without_counts);
    data["edition"] = edition.into();
    add_counts(&mut data, answer.outputs, &answer.endings);
    if let Some(mut so_far) = so_far {
        let (outputs, endings) = (so_far.outputs, so_far.endings.clone());
        so_far.outputs = 0;
        so_far.endings.iter_mut().for_each(without_count);
        data["so_far"] = json!(so_far);
        add_counts(&mut data["so_far"], Some(outputs), &endings);
    }
    data
}

/// JSON's numbers, as this library makes them, have no more than 64 bits.
fn without_count(ends: &mut Ends) {
    ends.outputs = 0;
}

fn add_counts(data: &mut Value, outputs: Option<u128>, endings: &[Ends]) {
    data["outputs"] = outputs.map_or(Value::Null, exact);
    for (index, ends) in endings.iter().enumerate() {
        data["endings"][index]["outputs"] = exact(ends.outputs);
    }
}

fn exact(count: u128) -> Value {
    if count <= EXACT {
        json!(count as u64)
    } else {
        count.to_string().into()
    }
}

/// Which limit ended the work, as the end of a sentence.
fn reached(limit: Stopped, limits: &Limits) -> String {
    match limit {
        Stopped::States => format!(
            "it has more than {} states",
            with_separators(limits.states.into())
        ),
        Stopped::Time => format!(
            "exploring it takes more than the {} that it may",
            duration(limits.time.as_secs_f64())
        ),
        Stopped::Memory => format!(
            "exploring it takes more than the {} MiB of memory that it may",
            limits.memory >> 20
        ),
        Stopped::Asked => "exploring it was stopped".to_owned(),
    }
}

/// Text on one line, in quotes; an ending comes in brackets and stays so.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcomes_protocol::{Check, Computing, Progress, SoFar};

    fn bundle(request: &Request, answer: &Answer) -> Map<String, Value> {
        let report = Report {
            source: "",
            origins: &Origins::default(),
            edition: "2021",
            request,
            answer,
            traced: false,
        };
        report.bundle()
    }

    #[test]
    fn counts_stay_exact() {
        for (outputs, expected) in [
            (Some(140), json!(140)),
            (Some(EXACT), json!(9_007_199_254_740_991_u64)),
            (Some(EXACT + 1), json!("9007199254740992")),
            (Some(u128::MAX), json!(u128::MAX.to_string())),
            (None, Value::Null),
        ] {
            let answer = Answer {
                outputs,
                endings: vec![Ends {
                    ending: Ending::Returned,
                    outputs: outputs.unwrap_or_default(),
                }],
                ..Answer::default()
            };
            let bundle = bundle(&Request::default(), &answer);
            assert_eq!(bundle[MIME]["outputs"], expected);
            if outputs.is_some() {
                assert_eq!(bundle[MIME]["endings"][0]["outputs"], expected);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        for (reason, words) in [
            (NotCounted::Unbounded, "no end of outputs"),
            (NotCounted::Incomplete(Stopped::Time), "60 s"),
            (NotCounted::TooBig(Stopped::Memory), "1024 MiB"),
        ] {
            let answer = Answer {
                not_counted: Some(reason),
                ..Answer::default()
            };
            let bundle = bundle(&Request::default(), &answer);
            for mime in ["text/plain", "text/html"] {
                let shown = bundle[mime].as_str().unwrap();
                assert!(shown.contains(words), "{shown}");
                assert!(!shown.contains("possible output"), "no number: {shown}");
            }
        }
    }

    #[test]
    fn what_was_found_before_a_limit_is_shown() {
        let output = Output {
            text: "one\n".to_owned(),
            ending: Ending::Returned,
        };
        let answer = Answer {
            not_counted: Some(NotCounted::Incomplete(Stopped::Memory)),
            so_far: Some(SoFar {
                outputs: u128::MAX,
                endings: vec![Ends {
                    ending: Ending::Returned,
                    outputs: u128::MAX,
                }],
                listed: vec![output],
            }),
            ..Answer::default()
        };
        let bundle = bundle(&Request::default(), &answer);
        for mime in ["text/plain", "text/html"] {
            let shown = bundle[mime].as_str().unwrap();
            for part in ["is not known", "At least ", "found until then", "one"] {
                assert!(shown.contains(part), "{part} in {shown}");
            }
        }
        let data = &bundle[MIME];
        assert_eq!(data["outputs"], Value::Null);
        assert_eq!(data["so_far"]["outputs"], u128::MAX.to_string());
        assert_eq!(
            data["so_far"]["endings"][0]["outputs"],
            u128::MAX.to_string()
        );
        assert_eq!(data["so_far"]["listed"][0]["text"], "one\n");
    }

    #[test]
    fn a_limit_says_what_to_try_next() {
        let mut answer = Answer {
            not_counted: Some(NotCounted::Incomplete(Stopped::Time)),
            ..Answer::default()
        };
        let text = |answer: &Answer| {
            let bundle = bundle(&Request::default(), answer);
            bundle["text/plain"].as_str().unwrap().to_owned()
        };
        let shown = text(&answer);
        let tried = "What to try: --clock prompt";
        assert!(shown.contains(tried) && !shown.contains("--max"), "{shown}");
        answer.computing = Some(Computing {
            thread: 0,
            name: None,
            spawned: None,
            at: None,
        });
        let shown = text(&answer);
        let main = "Then main was still computing, without a first step.";
        assert!(shown.contains(main), "{shown}");
    }

    #[test]
    fn what_could_have_come_instead_is_told() {
        let request = Request {
            search_only: true,
            checks: vec![Check {
                text: "a\nc\n".to_owned(),
                ending: None,
            }],
            ..Request::default()
        };
        let answer = Answer {
            checked: vec![Checked::Known(Membership::NotPossible(NotPossible {
                prefix: "a\n".to_owned(),
                instead: vec!["b\n".to_owned()],
            }))],
            ..Answer::default()
        };
        let text = &bundle(&request, &answer)["text/plain"];
        assert_eq!(
            text,
            "No, the program can never print this.\nNo execution gets further than this:\n    a\n\
             What can't come then is \"c\\n\".\nWhat can come instead: \"b\\n\"."
        );
    }

    #[test]
    fn text_is_escaped_in_html() {
        let answer = Answer {
            outputs: Some(1),
            listed: vec![Output {
                text: "<script>&\n".to_owned(),
                ending: Ending::Panicked {
                    message: "<b>".to_owned(),
                },
            }],
            ..Answer::default()
        };
        let bundle = bundle(&Request::default(), &answer);
        let html = bundle["text/html"].as_str().unwrap();
        assert!(html.contains(">&lt;script&gt;&amp;\n</pre>main panics: &lt;b&gt;"));
    }

    #[test]
    fn progress_is_plain_data() {
        let progress = Progress {
            states: 1,
            executions: 2,
            seconds: 3.0,
            memory: 4,
        };
        assert_eq!(
            json!(progress),
            json!({"states": 1, "executions": 2, "seconds": 3.0, "memory": 4})
        );
    }
}
