//! What a renderer other than mdBook's HTML gets: plain Markdown.

use crate::escape::{escape, escape_sentence};
use crate::exercises::Exercise;
use crate::html;
use crate::listings::{Ends, Listing};
use crate::quizzes::{Candidate, Goal};
use crate::recorded::{Row, Table};
use crate::shown::Shown;
use outcomes_protocol::with_separators;

/// A listing's recorded output, under its fence.
pub(crate) fn outcome(shown: &Shown) -> String {
    let file = match shown.href {
        Some(href) => format!("[{}.rs]({href})", shown.name),
        None => format!("{}.rs", shown.name),
    };
    let mut text = format!("*{}* ({file})", shown.listing.title);
    if let Some(transcript) = &shown.transcript {
        text.push_str("\n\n");
        text.push_str(&fenced(transcript));
    }
    if let Some(stderr) = &shown.stderr {
        text.push_str("\n\nOn standard error:\n\n");
        text.push_str(&fenced(stderr));
    }
    text.push_str("\n\n");
    text.push_str(&shown.listing.ending());
    if let Some(among) = shown.listing.among().filter(|_| shown.transcript.is_some()) {
        text.push(' ');
        text.push_str(&shown.with_clock_help(&among, |on, help| format!("[{on}]({help})")));
    }
    text
}

/// The index of all listings.
pub(crate) fn index(rows: &[String]) -> String {
    format!(
        "| Listing | Chapter | Outputs | How it ends |\n|---|---|---|---|\n{}\n",
        rows.join("\n")
    )
}

/// A listing in the index, with a link to its chapter.
pub(crate) fn index_row(listing: &Listing, chapter: &str) -> String {
    let outputs = match (listing.outputs, &listing.error) {
        (_, Some(code)) if listing.error_code().is_some() => format!("error {code}"),
        (_, Some(message)) => format!("error: {message}"),
        (Some(outputs), None) => {
            let count = with_separators(outputs.into());
            match listing.clock.on() {
                Some(on) => format!("{count} {on}"),
                None => count,
            }
        }
        (None, None) if listing.unexplored.is_some() => "not explored".to_owned(),
        (None, None) => "without end".to_owned(),
    };
    let ends: Vec<String> = listing.ends.iter().map(Ends::to_string).collect();
    let title = listing.title.replace('|', "\\|");
    format!(
        "| {title} | {chapter} | {outputs} | {} |",
        ends.join(", or ")
    )
}

/// What stands below an exercise: a hint and an answer, to open.
pub(crate) fn answer(
    shown: &Shown,
    exercise: &Exercise,
    hint: Option<&str>,
    source: &str,
) -> String {
    let hint = hint.map_or_else(String::new, |hint| {
        format!(
            "<details><summary>Hint</summary><p>{}</p></details>\n",
            escape(hint)
        )
    });
    let in_words = exercise.in_words.as_deref();
    let in_words = in_words.map_or_else(String::new, |words| {
        format!("<p>{}</p>", escape_sentence(words))
    });
    let mut after = shown.listing.ending();
    if let Some(among) = shown.listing.among() {
        after = format!("{after} {among}");
    }
    format!(
        "{hint}<details><summary>Answer</summary>{in_words}<pre><code>{}</code></pre><p>{}</p></details>\n",
        escape(source),
        escape(&after)
    )
}

/// Outputs to judge, each with its answer to open.
pub(crate) fn quiz(title: &str, outputs: &[Candidate]) -> String {
    let mut text = format!("**Can this happen?** Outputs of *{title}*: possible, or not?");
    for candidate in outputs {
        text.push_str("\n\n");
        text.push_str(&fenced(&candidate.text));
        if let Some(ends) = candidate.ends {
            text.push_str(&format!("\n\nThen {}.", ends.to_ending()));
        }
        text.push_str(&format!(
            "\n\n<details><summary>Possible?</summary><p>{}</p></details>",
            escape(&candidate.verdict())
        ));
    }
    text + "\n"
}

/// Goals for the scheduler, each with a way there to open.
pub(crate) fn goals(title: &str, goals: &[Goal]) -> String {
    let mut text = format!("**If you were the scheduler** of *{title}*, could you do this?");
    for goal in goals {
        text.push_str(&format!(
            "\n\n{}\n\n<details><summary>One way</summary><pre><code>{}</code></pre></details>",
            escape(&goal.goal),
            escape(&goal.way)
        ));
    }
    text + "\n"
}

/// A listing's recorded rows.
pub(crate) fn table(table: &Table) -> String {
    let columns = table.rows.iter().map(|row| row.cells.len()).max();
    let columns = columns.unwrap_or(0) + 1;
    let header: Vec<&str> = (0..columns)
        .map(|index| table.header.get(index).map_or(" ", String::as_str))
        .collect();
    let mut lines = vec![row(&header), row(&vec!["---"; columns])];
    for Row { label, cells } in &table.rows {
        let cells = cells.iter().map(String::as_str);
        lines.push(row(&std::iter::once(label.as_str())
            .chain(cells)
            .collect::<Vec<_>>()));
    }
    lines.join("\n")
}

/// A drawing, by its file.
pub(crate) fn picture(file: &str, svg: &str) -> String {
    format!("![{}]({file})", html::svg_title(svg).unwrap_or_default())
}

fn row(cells: &[&str]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// A fence longer than any run of backticks within.
fn fenced(text: &str) -> String {
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}
