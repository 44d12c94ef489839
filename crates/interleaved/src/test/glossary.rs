//! The glossary: its words are in order, each is explained in a sentence or two,
//! and the section that a word leads to uses it.

use super::findings::Findings;
use crate::chapters::Chapter;
use anyhow::Result;

/// The glossary's chapter, by its file's name. A book may have none.
const NAME: &str = "glossary";

/// How a row begins.
const ROW: &str = "| **";

/// One row of the table.
struct Entry<'a> {
    word: &'a str,
    meaning: &'a str,
    link: &'a str,
}

/// Whether this chapter is the glossary.
pub(super) fn is_glossary(chapter: &Chapter) -> bool {
    chapter.name == NAME
}

/// Checks it against all chapters. That its links lead somewhere is a part of
/// the check of all links.
pub(super) fn check(glossary: &Chapter, chapters: &[Chapter]) -> Result<()> {
    let texts = |name: &str| {
        let mut chapters = chapters.iter();
        let found = chapters.find(|chapter| chapter.name == name);
        found.map(|chapter| chapter.text.as_str())
    };
    findings(&glossary.text, texts).report()
}

fn findings<'t>(glossary: &str, texts: impl Fn(&str) -> Option<&'t str>) -> Findings {
    let mut findings = Findings::new();
    let mut before: Option<String> = None;
    for line in glossary.lines().filter(|line| line.starts_with(ROW)) {
        let Some(entry) = entry(line) else {
            findings.add(format!(
                "a line of the glossary isn't `| **word** | Meaning. | Go's word | [Section](chapter.md#section) |`: {line}"
            ));
            continue;
        };
        let word = entry.word.to_lowercase();
        if let Some(before) = before.filter(|before| *before >= word) {
            findings.add(format!(
                "the glossary has {before:?} before {word:?}: put its words in order, each once"
            ));
        }
        before = Some(word.clone());
        let sentences = entry.meaning.matches(['.', '?', '!']).count();
        findings.hold(
            (1..=2).contains(&sentences) && entry.meaning.ends_with('.'),
            || format!("the glossary explains {word:?} in other than one or two sentences"),
        );
        match section(entry.link, &texts) {
            None => findings.add(format!(
                "the glossary's word {word:?} leads to {}, which is no section",
                entry.link
            )),
            Some(section) => findings.hold(uses(&section, &word), || {
                format!(
                    "the glossary says that {} shows {word:?}, and it never uses that word",
                    entry.link
                )
            }),
        }
    }
    findings.hold(before.is_some(), || {
        format!("the glossary has no word: its lines begin with {ROW:?}")
    });
    findings
}

fn entry(line: &str) -> Option<Entry<'_>> {
    let inner = line.strip_prefix('|')?.trim_end().strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
    let [word, meaning, _, link] = cells[..] else {
        return None;
    };
    let link = link.strip_suffix(')')?.split_once("](")?.1;
    Some(Entry {
        word: word.strip_prefix("**")?.strip_suffix("**")?,
        meaning,
        link: (!link.contains('(')).then_some(link)?,
    })
}

/// What a link leads to: a chapter, or from a heading to the next.
fn section<'t>(link: &str, texts: &impl Fn(&str) -> Option<&'t str>) -> Option<String> {
    let (file, id) = link.split_once('#').unwrap_or((link, ""));
    let text = texts(file.strip_suffix(".md")?)?;
    if id.is_empty() {
        return Some(text.to_owned());
    }
    let mut lines = text.lines();
    let heading = lines.find(|line| line.starts_with('#') && id_of(line) == id)?;
    let rest = lines.take_while(|line| !line.starts_with('#'));
    let section: Vec<&str> = std::iter::once(heading).chain(rest).collect();
    Some(section.join("\n"))
}

/// The id that mdBook gives a heading.
fn id_of(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars();
    kept.filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter
            .is_alphanumeric()
            .then(|| letter.to_ascii_lowercase()),
    })
    .collect()
}

/// Whether a text has this word, or words, at the beginning of one of its own:
/// "deadlock" is in "deadlocks", and "spin" isn't in "crispin".
fn uses(text: &str, word: &str) -> bool {
    let plain: String = text.chars().filter(|it| !matches!(it, '*' | '`')).collect();
    let plain = plain.to_lowercase();
    plain.match_indices(word).any(|(start, _)| {
        let before = plain[..start].chars().next_back();
        !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAPTER: &str = "# Bells\n\nNothing.\n\n## Who's *there*?\n\nA `Bell` rings.\n\n## Later\n\nA fork, and crispin.\n";

    fn said(rows: &str) -> String {
        let texts = |name: &str| (name == "bells").then_some(CHAPTER);
        let found = findings(rows, texts).report();
        found.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn words_in_order_and_in_use_are_fine() {
        let rows = "| **bell** | It rings. | `c` | [x](bells.md#whos-there) |\n\
                    | **Fork** | To eat. Two. | | [y](bells.md) |\n";
        assert_eq!(said(rows), "");
    }

    #[test]
    fn finds_what_is_wrong() {
        for (rows, what) in [
            ("", "has no word"),
            ("| **bell** | It rings. | [x](bells.md) |", "isn't `|"),
            ("| **bell** | It rings. | | bells.md |", "isn't `|"),
            (
                "| **bell** | It rings. | | [x](bells.md), [y](bells.md) |",
                "isn't `|",
            ),
            (
                "| **bell** | It rings. | | [x](bells.md#later) |",
                "never uses",
            ),
            ("| **spin** | A. | | [x](bells.md) |", "never uses"),
            ("| **bell** | A. | | [x](forks.md) |", "no section"),
            ("| **bell** | A. | | [x](bells.md#gone) |", "no section"),
            ("| **bell** | A. B. C. | | [x](bells.md) |", "one or two"),
            ("| **bell** | rings | | [x](bells.md) |", "one or two"),
            (
                "| **fork** | A. | | [x](bells.md) |\n| **bell** | A. | | [x](bells.md) |",
                "in order",
            ),
            (
                "| **bell** | A. | | [x](bells.md) |\n| **Bell** | A. | | [x](bells.md) |",
                "in order",
            ),
        ] {
            assert!(said(rows).contains(what), "{rows}: {}", said(rows));
        }
    }
}
