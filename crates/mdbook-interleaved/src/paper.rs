//! What a chapter gets where nothing can be pressed: in a PDF, or in an e-book.
//!
//! It is the page's, without what needs a script and with nothing to open: a
//! listing has its output, its count and a place for a picture of an execution, a
//! chart has its table below it, and what is asked is answered at the book's end.
//! Whoever renders it finds comments where something is his to do:
//!
//! | Comment | What goes there |
//! |---|---|
//! | `<!--timeline NAME-->` | a picture of the execution that was recorded |
//! | `<!--answer KIND ID-->` … `<!--/answer-->` | what is between them moves to the end |
//!
//! `<span class="page-of" data-of="ADDRESS"></span>` is for the number of the page
//! on which that stands. Every piece is XHTML, and its addresses are those of chapters
//! (`channels.md#which-way`).
//!
//! A chapter may say a thing on paper only, or nowhere but there:
//!
//! ```text
//! <span class="on-page">Press **Run**.</span> Some of it comes in another order.
//!
//! <div class="on-paper" hidden>
//!
//! Run it.
//!
//! </div>
//! ```

use crate::chart::Chart;
use crate::directives;
use crate::escape::{escape, escape_sentence};
use crate::exercises::Exercise;
use crate::html;
use crate::quizzes::{Candidate, Goal};
use crate::recorded::Table;
use crate::renderer::Renderer;
use crate::shown::Shown;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::ops::Range;

/// The renderer's name: whoever makes books without scripts calls itself so.
pub const NAME: &str = "paper";

/// Opens the figure that holds a listing, before its fence.
pub(crate) fn listing_start(shown: &Shown) -> String {
    let name = escape(shown.name);
    let title = escape(&shown.listing.title);
    format!(
        "<figure class=\"listing\" id=\"listing-{name}\">\
         <figcaption class=\"listing-caption\"><span class=\"listing-title\">{title}</span> \
         <span class=\"listing-file\">{name}.rs</span></figcaption>\n"
    )
}

/// What it printed, how it ends, and the end of the figure.
pub(crate) fn listing_end(shown: &Shown) -> String {
    let timeline = match shown.outcomes {
        Some(_) => format!("<!--timeline {}-->", shown.name),
        None => String::new(),
    };
    format!(
        "<div class=\"listing-output\">{}</div>{timeline}</figure>",
        recorded(shown)
    )
}

/// What it printed, and so on. Its last two sentences are on one line, and apart.
fn recorded(shown: &Shown) -> String {
    let among = "<p class=\"listing-among\">";
    let link = |on: &str, help: &str| format!("<a href=\"{}\">{on}</a>", escape(help));
    html::recorded(shown, link).replace(among, &format!(" {among}"))
}

/// What stands below an exercise: a hint, and for the end of the book an answer.
pub(crate) fn answer(
    shown: &Shown,
    exercise: &Exercise,
    hint: Option<&str>,
    source: &str,
) -> String {
    let hint = hint.map_or_else(String::new, |hint| {
        format!(
            "<p class=\"exercise-hint\">Hint: {}</p>\n\n",
            escape_sentence(hint)
        )
    });
    let in_words = exercise.in_words.as_deref();
    let in_words = in_words.map_or_else(String::new, |words| {
        format!(
            "<p class=\"exercise-words\">{}</p>\n\n",
            escape_sentence(words)
        )
    });
    format!(
        "{hint}<!--answer exercise {name}-->\n\n{in_words}{start}\n```rust\n{source}\n```\n\n\
         <div class=\"listing-output\">{recorded}</div></figure>\n\n<!--/answer-->",
        name = shown.name,
        start = listing_start(shown),
        source = html::without_directives(source.trim_end()),
        recorded = recorded(shown),
    )
}

/// Outputs to judge.
pub(crate) fn quiz(name: &str, title: &str, outputs: &[Candidate]) -> String {
    let mut asked = format!(
        "<div class=\"quiz\"><p class=\"quiz-title\">Can this happen?</p>\
         <p class=\"quiz-lead\">{}</p><ol class=\"quiz-outputs\">",
        html::quiz_lead(title, outputs)
    );
    let mut answers = "<ol>".to_owned();
    for candidate in outputs {
        let _ = write!(
            asked,
            "<li class=\"quiz-output\">{}{}</li>",
            html::output(&candidate.text),
            html::candidate_ending(candidate)
        );
        let _ = write!(
            answers,
            "<li>{}</li>",
            escape_sentence(&candidate.verdict())
        );
    }
    format!("{asked}</ol>\n<!--answer quiz {name}-->{answers}</ol><!--/answer--></div>")
}

/// Goals for the scheduler.
pub(crate) fn goals(name: &str, title: &str, goals: &[Goal]) -> String {
    let mut asked = format!(
        "<div class=\"quiz\"><p class=\"quiz-title\">If you were the scheduler</p>\
         <p class=\"quiz-lead\">Could you make “{}” do this?</p><ol>",
        escape(title)
    );
    let mut answers = "<ol>".to_owned();
    for goal in goals {
        let _ = write!(asked, "<li>{}</li>", escape_sentence(&goal.goal));
        let _ = write!(answers, "<li>One way: {}</li>", html::output(&goal.way));
    }
    format!("{asked}</ol>\n<!--answer goals {name}-->{answers}</ol><!--/answer--></div>")
}

/// A chart, and the same as a table.
pub(crate) fn chart(chart: &Chart, table: &Table) -> String {
    format!(
        "<figure class=\"chart\"><figcaption>{}</figcaption>{}{}</figure>",
        escape(chart.title()),
        chart.svg(),
        html::table_of(chart, table)
    )
}

/// A link to a listing, with its page where there are pages.
pub(crate) fn link_to_listing(words: &str, chapter: &str, name: &str) -> String {
    let address = escape(&format!("{chapter}.md#listing-{name}"));
    format!("[{words}]({address})<span class=\"page-of\" data-of=\"{address}\"></span>")
}

/// What may stand in one place only, as its element opens, and where.
const PLACES: [(&str, bool); 4] = [
    ("<span class=\"on-page\">", false),
    ("<div class=\"on-page\">", false),
    ("<span class=\"on-paper\" hidden>", true),
    ("<div class=\"on-paper\" hidden>", true),
];

/// A chapter without what it says elsewhere only.
///
/// # Errors
/// Says, with its line, what doesn't end.
pub(crate) fn only_here(content: &str, renderer: Renderer) -> Result<String> {
    let code = directives::code_ranges(content);
    let in_code = |at: usize| code.iter().any(|range: &Range<usize>| range.contains(&at));
    let mut text = String::with_capacity(content.len());
    let mut rest = 0;
    while let Some((start, open, on_paper)) = PLACES
        .iter()
        .filter_map(|(open, on_paper)| {
            let found = content[rest..].match_indices(open);
            let mut found = found.map(|(at, _)| rest + at).filter(|at| !in_code(*at));
            Some((found.next()?, *open, *on_paper))
        })
        .min_by_key(|(start, ..)| *start)
    {
        let close = match open.starts_with("<div") {
            true => "</div>",
            false => "</span>",
        };
        let inner = start + open.len();
        let ends = content[inner..].match_indices(close);
        let end = ends.map(|(at, _)| inner + at).find(|at| !in_code(*at));
        let line = || directives::line_number(content, start);
        let end = end.with_context(|| format!("line {}: {open} has no {close}", line()))?;
        text.push_str(&content[rest..start]);
        rest = end + close.len();
        if on_paper == (renderer == Renderer::Paper) {
            text.push_str(&content[inner..end]);
            continue;
        }
        // Lines keep their numbers, which errors name.
        text.extend(content[start..rest].chars().filter(|c| *c == '\n'));
        if text.is_empty() || text.ends_with(['\n', ' ']) {
            // What follows begins where this began.
            let spaces = content[rest..].len() - content[rest..].trim_start_matches(' ').len();
            rest += spaces;
        }
    }
    text.push_str(&content[rest..]);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_elsewhere_is_left_out() {
        let content = "A. <span class=\"on-page\">Press **Run**.</span> B.\n\n\
                       <div class=\"on-paper\" hidden>\n\nC.\n\n</div>\n\n\
                       1. <span class=\"on-page\">D.</span> E. `<span class=\"on-page\">`\n";
        assert_eq!(
            only_here(content, Renderer::Paper).unwrap(),
            "A. B.\n\n\n\nC.\n\n\n\n1. E. `<span class=\"on-page\">`\n"
        );
        assert_eq!(
            only_here(content, Renderer::Html).unwrap(),
            "A. Press **Run**. B.\n\n\n\n\n\n\n\n1. D. E. `<span class=\"on-page\">`\n"
        );
    }

    #[test]
    fn what_does_not_end_is_told() {
        let told = |content: &str| only_here(content, Renderer::Html).unwrap_err().to_string();
        let unclosed = "A.\n\n<span class=\"on-page\">B `</span>`.\n";
        assert!(told(unclosed).starts_with("line 3: <span class=\"on-page\"> has no </span>"));
        let code = "`<span class=\"on-paper\">`\n";
        assert_eq!(only_here(code, Renderer::Html).unwrap(), code);
    }
}
