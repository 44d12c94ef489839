//! Whether a chapter takes its figures from data: how many outputs a program has
//! is said by `{{#count}}`, and what was measured by `{{#figure}}`. What is typed
//! is still there when it has long been wrong.
//!
//! This finds the clear cases only: a number in front of outputs or outcomes, a
//! part of them, and times that no program states.

use super::findings::Findings;
use crate::chapters::Chapter;
use anyhow::Result;
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// What is counted by the engine.
const COUNTED: [&str; 7] = [
    "output",
    "outputs",
    "outcome",
    "outcomes",
    "schedules",
    "states",
    "deadlocks",
];

/// What may stand between a number and that.
const BETWEEN: [&str; 5] = ["possible", "different", "other", "of", "the"];

/// Numbers. "One" is a number only behind one of [`EXACTLY`].
const NUMBERS: [&str; 25] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "twenty",
    "thirty",
    "fifty",
    "dozen",
    "dozens",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "half",
];

/// What makes a number of "one".
const EXACTLY: [&str; 3] = ["exactly", "only", "just"];

/// What only a measurement can say.
const MEASURED: [&str; 6] = ["ns", "nanoseconds", "µs", "microseconds", "percent", "%"];

/// Checks a chapter's prose.
pub(super) fn check(chapter: &Chapter) -> Result<()> {
    let mut findings = Findings::new();
    for typed in typed(&chapter.text) {
        findings.add(format!(
            "{} says {typed:?}, a figure that is typed: take it from data, by {{{{#count NAME}}}} \
             or {{{{#figure NAME row=\"…\"}}}}, or say it without",
            chapter.file
        ));
    }
    findings.report()
}

/// Figures that are typed, each with the words around it.
fn typed(chapter: &str) -> Vec<String> {
    let mut found = Vec::new();
    for text in prose(chapter) {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            let after = &words[at + 1..];
            let is_typed = match number(word, at.checked_sub(1).map(|before| words[before])) {
                false => is_measure(word),
                true => {
                    let next = after.first().map_or("", |next| plain(next));
                    is_counted(after) || is_half_of_them(word, after) || MEASURED.contains(&next)
                }
            };
            if is_typed {
                let to = words.len().min(at + 4);
                found.push(words[at.saturating_sub(1)..to].join(" "));
            }
        }
    }
    found
}

/// What a reader reads as sentences: code is left out, and a directive is one
/// word that is no number.
fn prose(chapter: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut code = 0;
    for event in new_cmark_parser(&without_directives(chapter), &MarkdownOptions::default()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell | Tag::Heading { .. }) => {
                texts.push(String::new());
            }
            Event::Text(text) if code == 0 => texts.last_mut().unwrap().push_str(&text),
            Event::Code(_) => texts.last_mut().unwrap().push_str(DIRECTIVE),
            Event::SoftBreak | Event::HardBreak => texts.last_mut().unwrap().push(' '),
            _ => {}
        }
    }
    texts
}

/// Stands for a directive, and for code.
const DIRECTIVE: &str = "§";

fn without_directives(chapter: &str) -> String {
    let mut text = String::new();
    let mut rest = chapter;
    while let Some((before, from)) = rest.split_once("{{#") {
        text += before;
        text += DIRECTIVE;
        rest = from.split_once("}}").map_or("", |(_, behind)| behind);
    }
    text + rest
}

/// A word without what stands around it.
fn plain(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '%' && letter != '§')
}

fn number(word: &str, before: Option<&str>) -> bool {
    let word = plain(word).to_lowercase();
    let digits = word
        .chars()
        .all(|it| it.is_ascii_digit() || ".,".contains(it));
    let is_exact = before.is_some_and(|before| EXACTLY.contains(&plain(before)));
    (digits && !word.is_empty()) || NUMBERS.contains(&&*word) || (word == "one" && is_exact)
}

/// A number with its unit in one word, such as `79ns` or `12%`.
fn is_measure(word: &str) -> bool {
    let word = plain(word);
    let unit = word.trim_start_matches(|it: char| it.is_ascii_digit() || ".,".contains(it));
    unit.len() < word.len() && MEASURED.contains(&unit)
}

fn is_counted(after: &[&str]) -> bool {
    let mut words = after.iter().map(|word| plain(word));
    let first = words.find(|word| !BETWEEN.contains(word));
    first.is_some_and(|word| COUNTED.contains(&word))
}

fn is_half_of_them(word: &str, after: &[&str]) -> bool {
    plain(word) == "half" && after.len() > 1 && after[0] == "of" && plain(after[1]) == "them"
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn a_figure_from_data_is_fine() {
        for text in [
            "There are {{#count many}} outputs, and each of them is fine.",
            "There is more than one output. In one outcome, it panics.",
            "It took {{#figure it row=\"a\"}} with 8 threads.",
            "It waits for 200 ms, says `12 outputs`, and then two threads print.",
            "```rust\n// 12 outputs\n```\n\nTen threads. Outputs differ.",
            "Neither sees half of it.",
        ] {
            assert_eq!(typed(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_typed_figure_is_found() {
        for text in [
            "It has 12 outputs.",
            "It has **twelve** possible outputs.",
            "There are {{#count many}} outcomes, and half of them deadlock.",
            "Two of the outcomes are right.",
            "It has exactly one output.",
            "1. Do it. Both have two\n   outputs.\n",
            "| a | 1,234 different outputs |\n|---|---|\n",
            "A lock costs 12 ns here.",
            "A lock costs 12 µs, or 3%.",
            "The map has a few dozen states.",
        ] {
            assert!(!typed(text).is_empty(), "{text}");
        }
    }
}
