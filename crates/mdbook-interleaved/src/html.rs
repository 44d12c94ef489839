//! What a chapter gets in mdBook's HTML. Everything reads well, and prints well,
//! without a script; what a script needs is in `data-` attributes.
//!
//! Each piece is one line, since a blank line would end the HTML block and let
//! Markdown read the rest.

use crate::chart::{Chart, Scale};
use crate::escape::{escape, escape_output, escape_sentence};
use crate::exercises::Exercise;
use crate::listings::Ends;
use crate::programs::Program;
use crate::quizzes::{Candidate, Goal};
use crate::recorded::{Spread, Table};
use crate::rustc;
use crate::shown::Shown;
use crate::spreads::{Cell, Spreads};
use anyhow::{Context, Result};
use outcomes_protocol::Clock;
use std::fmt::Write;

/// Opens the figure that holds a listing, before its fence.
pub(crate) fn listing_start(shown: &Shown) -> String {
    let ends: Vec<String> = shown.listing.ends.iter().map(Ends::to_string).collect();
    let error = match &shown.listing.error {
        Some(code) => format!(r#" data-error="{}""#, escape(code)),
        None => String::new(),
    };
    let outcomes = match (&shown.outcomes, shown.listing.clock) {
        (None, _) => String::new(),
        (Some(address), Clock::Any) => format!(r#" data-outcomes="{}""#, escape(address)),
        (Some(address), Clock::Prompt) => {
            format!(
                r#" data-outcomes="{}" data-clock="prompt""#,
                escape(address)
            )
        }
    };
    let program = match &shown.program {
        None | Some(Program::Missing) => String::new(),
        Some(Program::Module { address }) => format!(r#" data-program="{}""#, escape(address)),
        Some(Program::Needs(what)) => format!(r#" data-needs="{}""#, escape(what)),
    };
    format!(
        "<figure class=\"listing\" data-listing=\"{name}\" data-ends=\"{ends}\"{error}{outcomes}{program}{edition}>\
         <figcaption class=\"listing-caption\">\
         <span class=\"listing-title\">{title}</span> \
         {file}\
         </figcaption>\n",
        name = escape(shown.name),
        edition = shown.edition.map_or_else(String::new, |edition| {
            format!(r#" data-edition="{}""#, escape(edition))
        }),
        ends = escape(&ends.join(",")),
        title = escape(&shown.listing.title),
        file = file_of(shown),
    )
}

/// The program's file, to be read as it is where there is one to link to.
fn file_of(shown: &Shown) -> String {
    let name = escape(shown.name);
    match shown.href {
        Some(href) => format!(
            "<a class=\"listing-file\" href=\"{}\">{name}.rs</a>",
            escape(href)
        ),
        None => format!("<span class=\"listing-file\">{name}.rs</span>"),
    }
}

/// What stands below an exercise: a hint and an answer, to open, and what the
/// page's script checks a reader's program against.
pub(crate) fn answer(
    shown: &Shown,
    question: &str,
    exercise: &Exercise,
    hint: Option<&str>,
    source: &str,
) -> String {
    let ends: Vec<String> = shown.listing.ends.iter().map(Ends::to_string).collect();
    let outputs = shown.listing.outputs.map_or_else(String::new, |outputs| {
        format!(r#" data-outputs="{outputs}""#)
    });
    let clock = match shown.listing.clock {
        Clock::Any => "any",
        Clock::Prompt => "prompt",
    };
    // What can't be explored is run, and what must not compile isn't even that.
    let by = match (&shown.listing.error, &shown.listing.unexplored) {
        (Some(code), _) => format!(r#" data-error="{}""#, escape(code)),
        (None, Some(_)) => " data-unexplored".to_owned(),
        (None, None) => String::new(),
    };
    let mut more = String::new();
    if exercise.same_text {
        more += " data-same-text";
    }
    for (name, words) in [("needs", &exercise.needs), ("without", &exercise.without)] {
        if let Some(words) = words {
            let _ = write!(more, r#" data-{name}="{}""#, escape(words));
        }
    }
    let hint = hint.map_or_else(String::new, |hint| {
        format!(
            "<details class=\"exercise-hint\"><summary>Hint</summary><p>{}</p></details>\n",
            escape(hint)
        )
    });
    let in_words = exercise.in_words.as_deref();
    let in_words = in_words.map_or_else(String::new, |words| {
        format!(
            "<p class=\"exercise-words\">{}</p>\n",
            escape_sentence(words)
        )
    });
    format!(
        "<div class=\"exercise\" data-question=\"{question}\" data-ends=\"{ends}\"{outputs}{by}{more} \
         data-clock=\"{clock}\">\n{hint}<details class=\"exercise-answer\">\
         <summary>Answer</summary>\n{in_words}{start}\n```rust,editable\n{source}\n```\n\n{end}\n\
         </details>\n</div>\n",
        question = escape(question),
        ends = escape(&ends.join(",")),
        start = listing_start(shown),
        source = without_directives(source.trim_end()),
        end = listing_end(shown).trim_end(),
    )
}

/// Outputs to judge. Without a script each has its answer to open; with one, it
/// has buttons, and the proof.
pub(crate) fn quiz(name: &str, title: &str, outputs: &[Candidate]) -> String {
    let mut html = format!(
        "<div class=\"quiz\" data-listing=\"{}\"><p class=\"quiz-title\">Can this happen?</p>\
         <p class=\"quiz-lead\">{}</p><ol class=\"quiz-outputs\">",
        escape(name),
        quiz_lead(title, outputs)
    );
    for candidate in outputs {
        let ends = candidate.ends.map_or_else(String::new, |ends| {
            format!(" data-ends=\"{}\"", escape(&ends.to_string()))
        });
        let then = candidate_ending(candidate);
        let _ = write!(
            html,
            "<li class=\"quiz-output\" data-text=\"{}\" data-possible=\"{}\"{ends}>{}{then}\
             <details class=\"quiz-answer\"><summary>Possible?</summary><p>{}</p></details></li>",
            escape(&candidate.text),
            candidate.possible,
            output(&candidate.text),
            escape(&candidate.verdict())
        );
    }
    html + "</ol></div>"
}

/// What a quiz asks.
pub(crate) fn quiz_lead(title: &str, outputs: &[Candidate]) -> String {
    let all = match outputs.len() {
        1 => "An output".to_owned(),
        several => format!("{several} outputs"),
    };
    format!("{all} of “{}”. Which are possible?", escape(title))
}

/// How the program ends with an output to judge, if that is a part of it.
pub(crate) fn candidate_ending(candidate: &Candidate) -> String {
    candidate.ends.map_or_else(String::new, |ends| {
        let kind = kind_of(ends);
        let words = escape(&format!("Then {}.", ends.to_ending()));
        format!("<p class=\"ending\" data-kind=\"{kind}\">{words}</p>")
    })
}

/// Goals for the scheduler, which the page checks while the reader plays it.
pub(crate) fn goals(name: &str, title: &str, goals: &[Goal]) -> Result<String> {
    let mut html = format!(
        "<div class=\"goals\" data-listing=\"{}\"><p class=\"quiz-title\">If you were the \
         scheduler</p><p class=\"quiz-lead\">Could you make “{}” do this?</p>\
         <ol class=\"goals-list\">",
        escape(name),
        escape(title)
    );
    for goal in goals {
        let condition = serde_json::to_string(goal).context("a goal is plain data")?;
        let _ = write!(
            html,
            "<li class=\"goal\" data-condition=\"{}\" data-way=\"{}\"><span class=\"goal-words\">{}</span>\
             <details class=\"quiz-answer\"><summary>One way</summary>{}</details></li>",
            escape(&condition),
            escape(&goal.way),
            escape(&goal.goal),
            output(&goal.way)
        );
    }
    Ok(html + "</ol></div>")
}

/// An output to judge or to bring about.
pub(crate) fn output(text: &str) -> String {
    let lines = match text.trim_end_matches('\n') {
        "" => "<span class=\"quiz-nothing\">(nothing)</span>".to_owned(),
        lines => escape_output(lines),
    };
    format!("<pre class=\"transcript quiz-text\"><samp>{lines}</samp></pre>")
}

/// Code in which mdBook finds no directive.
pub(crate) fn without_directives(code: &str) -> String {
    code.replace("{{#", "\\{{#")
}

/// The recorded output, the place for the buttons, and the end of the figure.
pub(crate) fn listing_end(shown: &Shown) -> String {
    let recorded = recorded(shown, |on, help| {
        let help = escape(&help.replacen(".md", ".html", 1));
        format!("<a href=\"{help}\">{on}</a>")
    });
    format!(
        "<div class=\"listing-output\">{recorded}</div>\
         <div class=\"listing-tools\" hidden></div></figure>"
    )
}

/// What a listing printed, how it ends, and among how many outputs this is one.
/// `link` makes a link of words and a chapter's address.
pub(crate) fn recorded(shown: &Shown, link: impl Fn(&str, &str) -> String) -> String {
    let mut html = String::new();
    let what = if shown.listing.is_broken() {
        "What rustc says"
    } else {
        "Output, as recorded"
    };
    match &shown.transcript {
        Some(text) if shown.listing.is_broken() => {
            html += &transcript_of(what, "rustc", &rustc::coloured(text));
        }
        Some(text) => html += &transcript(what, "stdout", text),
        None => {
            let _ = write!(
                html,
                "<p class=\"listing-unrecorded\">No output is recorded yet: \
                 <code>cargo run -- record {}</code> records it.</p>",
                escape(shown.name)
            );
        }
    }
    if let Some(text) = &shown.stderr {
        // A panic message opens with an empty line.
        let text = text.trim_start_matches('\n');
        html += &transcript("Standard error", "stderr", text);
    }
    html += &ending(shown);
    if let Some(among) = shown.listing.among().filter(|_| shown.transcript.is_some()) {
        let among = shown.with_clock_help(&escape(&among), link);
        let _ = write!(html, "<p class=\"listing-among\">{among}</p>");
    }
    html
}

fn transcript(label: &str, stream: &str, text: &str) -> String {
    transcript_of(label, stream, &escape_output(text.trim_end_matches('\n')))
}

fn transcript_of(label: &str, stream: &str, html: &str) -> String {
    if html.is_empty() {
        return format!("<p class=\"listing-label\">{label}: none</p>");
    }
    format!(
        "<p class=\"listing-label\">{label}</p>\
         <pre class=\"transcript {stream}\"><samp>{html}</samp></pre>"
    )
}

/// The report on a program's deadlocks.
pub(crate) fn deadlock(report: &str) -> String {
    format!(
        "<div class=\"listing-output report\">{}</div>",
        transcript("What the engine says", "report", report)
    )
}

/// The kind of an ending as the page's scripts call it, so that its dot has one
/// colour everywhere.
fn kind_of(ends: Ends) -> &'static str {
    match ends {
        Ends::Returns => "returned",
        Ends::Exits(_) => "exited",
        Ends::Panics => "panicked",
        Ends::Deadlocks => "deadlocked",
        Ends::NeverEnds => "never-ends",
    }
}

fn ending(shown: &Shown) -> String {
    let kind = match (&shown.listing.error, shown.listing.ends.as_slice()) {
        (Some(_), _) => "refused",
        (None, [ends]) => kind_of(*ends),
        (None, _) => "otherwise",
    };
    let text = match shown.listing.error_code() {
        Some(code) => format!(
            "It does not compile: error \
             <a href=\"https://doc.rust-lang.org/error_codes/{code}.html\">{code}</a>.",
            code = escape(code)
        ),
        None => escape(&shown.listing.ending()),
    };
    format!("<p class=\"ending\" data-kind=\"{kind}\">{text}</p>")
}

/// How many outputs a listing can have, within a sentence. The page's script
/// keeps it back while a quiz above asks about them.
pub(crate) fn count(name: &str, count: &str) -> String {
    format!(
        r#"<span class="count" data-listing="{}">{}</span>"#,
        escape(name),
        escape(count)
    )
}

/// A recorded number within a sentence: its unit stays on its line.
pub(crate) fn figure(text: &str) -> String {
    escape(text).replace(' ', "&nbsp;")
}

/// A chart, with its table for those who can't see it or want the numbers.
pub(crate) fn chart(chart: &Chart, table: &Table) -> String {
    format!(
        "<figure class=\"chart\">{}<details class=\"chart-table\">\
         <summary>The same as a table</summary>{}</details></figure>",
        chart.svg(),
        table_of(chart, table)
    )
}

/// A chart's rows.
pub(crate) fn table_of(chart: &Chart, table: &Table) -> String {
    let mut html = String::from("<table><thead><tr>");
    let columns = table.rows.iter().map(|row| row.cells.len()).max();
    for index in 0..=columns.unwrap_or(0) {
        let name = match (table.header.get(index), index) {
            (Some(name), _) => name,
            (None, 0) => chart.x_name(),
            (None, _) => chart.y_name(),
        };
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(name));
    }
    html += "</tr></thead><tbody>";
    for row in &table.rows {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&row.label));
        for cell in &row.cells {
            let _ = write!(html, "<td>{}</td>", escape(cell));
        }
        html += "</tr>";
    }
    html + "</tbody></table>"
}

/// What was measured several times, as a table: in each cell the middle one, and
/// below it a line from the least to the most.
pub(crate) fn spreads(spreads: &Spreads) -> String {
    let mut html = format!(
        "<figure class=\"spreads\"><table><caption>{}</caption><thead><tr>",
        escape(spreads.title)
    );
    for name in spreads.header {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(name));
    }
    html += "</tr></thead><tbody>";
    for (label, cells) in &spreads.rows {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(label));
        for cell in cells {
            html += "<td>";
            match cell {
                Cell::Text(text) => html += &escape(text),
                Cell::Measured { spread, values } => {
                    draw_spread(&mut html, spreads, spread, values)
                }
            }
            html += "</td>";
        }
        html += "</tr>";
    }
    let [low, high] = spreads.ends().map(|end| escape(&end));
    let columns = spreads.rows.iter().map(|(_, cells)| cells.len()).max();
    let scale = format!("<td><span>{low}</span><span>{high}</span></td>");
    let scales = scale.repeat(columns.unwrap_or(0));
    let _ = write!(
        html,
        "</tbody><tfoot aria-hidden=\"true\"><tr><td></td>{scales}</tr></tfoot></table></figure>"
    );
    html
}

fn draw_spread(html: &mut String, spreads: &Spreads, spread: &Spread, values: &[f64; 3]) {
    let at = |value: f64| 100.0 * spreads.scale.fraction(value);
    *html += &escape(spread.middle);
    if spread.least == spread.most {
        *html += "<svg aria-hidden=\"true\">";
    } else {
        let range = format!("from {} to {}", escape(spread.least), escape(spread.most));
        let _ = write!(
            html,
            "<span class=\"visually-hidden\">, {range}</span>\
             <svg aria-hidden=\"true\"><title>{range}</title>"
        );
    }
    for decade in spreads.scale.decades() {
        let x = at(decade);
        let _ = write!(
            html,
            "<line class=\"chart-grid\" x1=\"{x:.1}%\" x2=\"{x:.1}%\" y1=\"0\" y2=\"100%\"/>"
        );
    }
    let [least, middle, most] = values.map(at);
    let _ = write!(
        html,
        "<line class=\"spread-range\" x1=\"{least:.1}%\" x2=\"{most:.1}%\" y1=\"50%\" y2=\"50%\"/>\
         <circle class=\"chart-point\" cx=\"{middle:.1}%\" cy=\"50%\" r=\"4\"/></svg>"
    );
}

/// A drawing of our own, in the page itself: only so do its colours follow the
/// theme.
///
/// # Errors
/// Says what the file lacks.
pub(crate) fn picture(svg: &str) -> Result<String> {
    let start = svg.find("<svg").context("holds no <svg> element")?;
    let end = svg.rfind("</svg>").context("holds no </svg>")? + "</svg>".len();
    svg_title(svg).context("has no <title>, without which it can't be read aloud")?;
    let one_line = svg[start..end]
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let one_line = if one_line.contains("role=") {
        one_line
    } else {
        one_line.replacen("<svg", "<svg role=\"img\"", 1)
    };
    Ok(format!("<figure class=\"picture\">{one_line}</figure>"))
}

/// The text of a drawing's first `<title>`.
pub(crate) fn svg_title(svg: &str) -> Option<&str> {
    let (_, rest) = svg.split_once("<title")?;
    let (_, rest) = rest.split_once('>')?;
    let (title, _) = rest.split_once("</title>")?;
    Some(title.trim())
}

impl Chart<'_> {
    /// Draws the chart. Text and lines take their colours from the page.
    pub(crate) fn svg(&self) -> String {
        let mut svg = format!(
            "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" xmlns=\"http://www.w3.org/2000/svg\">\
             <title>{}</title><desc>{}</desc>",
            escape(self.title()),
            escape(&self.description())
        );
        self.draw_axes(&mut svg);
        let (key, anchor) = match self.lines_cross(LEFT, LEFT + KEY_WIDTH) {
            false => (LEFT + 12.0, "start"),
            true => (RIGHT - 12.0, "end"),
        };
        for (index, series) in self.series().iter().enumerate() {
            self.draw_series(&mut svg, index, &series.points);
            if self.series().len() > 1 {
                let _ = write!(
                    svg,
                    "<text class=\"chart-key chart-series-{index}\" x=\"{key}\" y=\"{}\" \
                     text-anchor=\"{anchor}\">{}</text>",
                    TOP + 20.0 + KEY_LINE * index as f64,
                    escape(&series.name)
                );
            }
        }
        svg + "</svg>"
    }

    /// Whether a line would go through a key that stands at the top between these
    /// two.
    fn lines_cross(&self, left: f64, right: f64) -> bool {
        let bottom = TOP + 8.0 + KEY_LINE * self.series().len() as f64;
        self.series().iter().any(|series| {
            let placed = series.points.iter();
            let placed: Vec<(f64, f64)> = placed
                .map(|(x, y)| (x_at(self.x(), *x), y_at(self.y(), *y)))
                .collect();
            placed.windows(2).any(|ends| {
                let ((x1, y1), (x2, y2)) = (ends[0], ends[1]);
                // The highest point of the part that is between them.
                let at = |x: f64| y1 + (y2 - y1) * (x.clamp(x1, x2) - x1) / (x2 - x1);
                x1 < right && x2 > left && at(left).min(at(right)) < bottom
            })
        })
    }

    fn draw_axes(&self, svg: &mut String) {
        for (value, label) in self.x().ticks() {
            let x = x_at(self.x(), value);
            let _ = write!(
                svg,
                "<line class=\"chart-grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
                 <text class=\"chart-tick\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
                BOTTOM + 26.0
            );
        }
        for (value, label) in self.y().ticks() {
            let y = y_at(self.y(), value);
            let _ = write!(
                svg,
                "<line class=\"chart-grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"chart-tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 10.0,
                y + 5.0
            );
        }
        let _ = write!(
            svg,
            "<path class=\"chart-axis\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>\
             <text class=\"chart-name\" x=\"{RIGHT}\" y=\"{}\" text-anchor=\"end\">{}{}</text>\
             <text class=\"chart-name\" x=\"4\" y=\"22\">{}{}</text>",
            HEIGHT - 8.0,
            escape(self.x_name()),
            self.x().remark(),
            escape(self.y_name()),
            self.y().remark()
        );
    }

    fn draw_series(&self, svg: &mut String, index: usize, points: &[(f64, f64)]) {
        let placed: Vec<(f64, f64)> = points
            .iter()
            .map(|(x, y)| (x_at(self.x(), *x), y_at(self.y(), *y)))
            .collect();
        let path: Vec<String> = placed
            .iter()
            .map(|(x, y)| format!("{x:.1} {y:.1}"))
            .collect();
        let _ = write!(
            svg,
            "<g class=\"chart-series-{index}\"><path class=\"chart-line\" d=\"M{}\"/>",
            path.join("L")
        );
        for (x, y) in placed {
            let _ = write!(
                svg,
                "<circle class=\"chart-point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"
            );
        }
        *svg += "</g>";
    }
}

/// The drawing's size and the edges of its plot, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 412.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 676.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 346.0;

/// The room that the lines' names take, and each of them.
const KEY_WIDTH: f64 = 150.0;
const KEY_LINE: f64 = 24.0;

fn x_at(scale: &Scale, value: f64) -> f64 {
    LEFT + scale.fraction(value) * (RIGHT - LEFT)
}

fn y_at(scale: &Scale, value: f64) -> f64 {
    BOTTOM - scale.fraction(value) * (BOTTOM - TOP)
}
