//! What is found out of a listing, written into `listings.toml`: of an entry that
//! is there, only that is replaced, and comments stay.

use crate::add::Found;
use anyhow::{Context, Result};
use mdbook_interleaved::listings::{Ends, Listings};
use outcomes_protocol::Clock;
use serde::Deserialize as _;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use toml::Spanned;

/// An entry.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) title: String,
    /// By its file's name.
    pub(crate) chapter: String,
    /// The listing whose exercise it answers.
    pub(crate) answers: Option<String>,
    /// What it needs that a browser doesn't have, in its author's words.
    pub(crate) needs: Option<String>,
    pub(crate) found: Found,
}

/// The file: each entry's keys, with where they and their values are.
type Places = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

/// Writes an entry into the listings' `listings.toml`, in the place of the one
/// with its name, or behind its chapter's others.
///
/// # Errors
/// If the file can't be read or written.
pub(crate) fn write(listings: &Listings, name: &str, entry: &Entry) -> Result<()> {
    let file = listings.root().join("listings.toml");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let places = toml::Deserializer::parse(&text)
        .and_then(Places::deserialize)
        .with_context(|| format!("{} is not a list of listings", file.display()))?;
    let new = with_entry(&text, &places, name, entry);
    fs::write(&file, new).with_context(|| format!("cannot write {}", file.display()))
}

fn with_entry(text: &str, places: &Places, name: &str, entry: &Entry) -> String {
    let lines = entry.lines();
    let mut new = text.to_owned();
    if let Some((_, keys)) = places.iter().find(|(other, _)| other.get_ref() == name) {
        let mut keys: Vec<Range<usize>> = keys
            .iter()
            .map(|(key, value)| whole_lines(text, key.span().start..value.span().end))
            .collect();
        keys.sort_by_key(|range| range.start);
        let first = keys.first().map_or(text.len(), |range| range.start);
        for range in keys.into_iter().rev() {
            new.replace_range(range, "");
        }
        new.insert_str(first, &lines);
        return new;
    }
    let of_chapter = places.values().filter(|keys| {
        let mut keys = keys.iter();
        keys.any(|(key, value)| {
            key.get_ref() == "chapter" && value.get_ref().as_str() == Some(&entry.chapter)
        })
    });
    let ends = of_chapter
        .flat_map(BTreeMap::values)
        .map(|it| it.span().end);
    let end = ends
        .max()
        .map_or(text.len(), |end| whole_lines(text, end..end).end);
    let before = if new[..end].ends_with('\n') { "" } else { "\n" };
    new.insert_str(end, &format!("{before}\n[{name}]\n{lines}"));
    new
}

/// From the beginning of the first line to the end of the last.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[range.end..];
    let end = rest.find('\n').map_or(text.len(), |at| range.end + at + 1);
    start..end
}

impl Entry {
    /// Its keys and values.
    fn lines(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut lines = vec![
            format!("title = {}", quoted(&self.title)),
            format!("chapter = {}", quoted(&self.chapter)),
        ];
        if let Some(answers) = &self.answers {
            lines.push(format!("answers = {}", quoted(answers)));
        }
        if let Some(needs) = &self.needs {
            lines.push(format!("needs = {}", quoted(needs)));
        }
        match &self.found {
            Found::Rejected { code } => lines.push(format!("error = {}", quoted(code))),
            Found::Explored {
                ends,
                panics,
                outputs,
                clock,
            } => {
                lines.push(format!("ends = {}", one_or_many(ends)));
                if !panics.is_empty() {
                    let panics: Vec<String> = panics.iter().map(|it| quoted(it)).collect();
                    lines.push(format!("panics = [{}]", panics.join(", ")));
                }
                lines.extend(outputs.map(|outputs| format!("outputs = {outputs}")));
                if *clock == Clock::Prompt {
                    lines.push("clock = \"prompt\"".to_owned());
                }
            }
            Found::Unexplored { ends, reason } => {
                lines.push(format!("ends = {}", one_or_many(&[*ends])));
                lines.push(format!("unexplored = {}", quoted(reason)));
            }
        }
        lines.join("\n") + "\n"
    }
}

fn one_or_many(ends: &[Ends]) -> String {
    let quoted: Vec<String> = ends.iter().map(|ends| format!("\"{ends}\"")).collect();
    match &quoted[..] {
        [only] => only.clone(),
        _ => format!("[{}]", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# All of them.\n\n[a]\ntitle = \"A\" # first\nchapter = \"one\"\n\
        # Two of them.\npanics = [\n    \"x\",\n    \"y\",\n]\nends = \"panics\"\n\n\
        [b]\ntitle = \"B\"\nchapter = \"two\"\nends = \"returns\"\noutputs = 2\n";

    fn entry(chapter: &str) -> Entry {
        Entry {
            title: "New \"one\"".to_owned(),
            chapter: chapter.to_owned(),
            answers: None,
            needs: None,
            found: Found::Explored {
                ends: vec![Ends::Returns, Ends::Deadlocks],
                panics: Vec::new(),
                outputs: Some(12),
                clock: Clock::Any,
            },
        }
    }

    fn with(name: &str, chapter: &str) -> String {
        let places = Places::deserialize(toml::Deserializer::parse(TEXT).unwrap()).unwrap();
        with_entry(TEXT, &places, name, &entry(chapter))
    }

    const LINES: &str = "ends = [\"returns\", \"deadlocks\"]\noutputs = 12\n";

    #[test]
    fn a_new_entry_is_behind_its_chapters_others() {
        let new = format!("\n[c]\ntitle = 'New \"one\"'\nchapter = \"one\"\n{LINES}");
        let (before, after) = TEXT.split_at(TEXT.find("\n[b]").unwrap());
        assert_eq!(with("c", "one"), format!("{before}{new}{after}"));
        let new = new.replace("\"one\"\nends", "\"three\"\nends");
        assert_eq!(with("c", "three"), format!("{TEXT}{new}"));
    }

    #[test]
    fn of_an_old_entry_comments_stay() {
        let new = "# All of them.\n\n[a]\ntitle = 'New \"one\"'\nchapter = \"one\"\n".to_owned()
            + LINES
            + "# Two of them.\n\n"
            + &TEXT[TEXT.find("[b]").unwrap()..];
        assert_eq!(with("a", "one"), new);
    }
}
