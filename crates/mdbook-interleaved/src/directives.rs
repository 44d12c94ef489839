//! Finds, in a chapter's Markdown, the directives that are ours and the fences
//! that show a listing.

use anyhow::{Context, Result, bail};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use std::collections::BTreeMap;
use std::ops::Range;

/// The directives that are ours. mdBook's own are left to mdBook.
const NAMES: [&str; 11] = [
    "outcome", "answer", "quiz", "goals", "count", "deadlock", "figure", "chart", "machine",
    "picture", "listings",
];

/// One `{{#name arguments}}`.
#[derive(Debug)]
pub(crate) struct Directive {
    pub(crate) name: String,
    /// Words without a key.
    pub(crate) words: Vec<String>,
    /// `key=value` and `key="a value"`.
    pub(crate) options: BTreeMap<String, String>,
    /// Where it stands in the chapter, in bytes.
    pub(crate) range: Range<usize>,
    /// Whether it has its lines for itself.
    pub(crate) alone: bool,
}

/// One fenced block of Rust.
#[derive(Debug)]
pub(crate) struct Fence {
    /// What follows the backticks: `rust,should_panic`.
    pub(crate) info: String,
    /// What the fence holds.
    pub(crate) text: String,
    /// The whole of it, its two lines of backticks included, in bytes.
    pub(crate) range: Range<usize>,
}

/// What a chapter holds that concerns us, in its order.
#[derive(Debug)]
pub(crate) enum Part {
    Directive(Directive),
    Fence(Fence),
}

impl Part {
    pub(crate) fn range(&self) -> &Range<usize> {
        match self {
            Part::Directive(directive) => &directive.range,
            Part::Fence(fence) => &fence.range,
        }
    }
}

/// Finds every part of a chapter.
///
/// # Errors
/// Says, with its line, which directive can't be read.
pub(crate) fn parts(content: &str) -> Result<Vec<Part>> {
    let (blocks, code) = code_in(content);
    let fences = blocks.into_iter().filter(|block| is_rust(&block.info));
    let mut parts: Vec<Part> = fences.map(Part::Fence).collect();
    for start in directive_starts(content) {
        if code.iter().any(|range| range.contains(&start)) {
            continue;
        }
        let directive = parse(content, start)
            .with_context(|| format!("line {}", line_number(content, start)))?;
        parts.extend(directive.map(Part::Directive));
    }
    parts.sort_by_key(|part| part.range().start);
    Ok(parts)
}

/// The number of the line, from 1, on which this byte is.
pub(crate) fn line_number(content: &str, byte: usize) -> usize {
    content[..byte].matches('\n').count() + 1
}

/// The name of the listing that a fence includes, and the path by which it
/// does, if it includes a listing and nothing else.
pub(crate) fn included_listing(fence: &Fence) -> Option<(&str, &str)> {
    let path = included_path(fence)?;
    // `listings/NAME.rs:3:7` and `listings/NAME.rs:anchor` show a part of it.
    if path.contains(':') {
        return None;
    }
    Some((listing_name(path)?, path))
}

/// The editions (`2021`) that a chapter's fences give the listings which they
/// show.
pub(crate) fn editions(content: &str) -> Vec<(String, String)> {
    let (blocks, _) = code_in(content);
    let fences = blocks.iter().filter(|block| is_rust(&block.info));
    let given = fences.filter_map(|fence| {
        let (name, _) = included_listing(fence)?;
        let mut words = fence.info.split([',', ' ', '\t']);
        let edition = words.find_map(|word| word.strip_prefix("edition"))?;
        Some((name.to_owned(), edition.to_owned()))
    });
    given.collect()
}

/// Whether a fence includes some part of a listing, but not all of it.
pub(crate) fn includes_part(fence: &Fence) -> bool {
    included_path(fence).is_some_and(|path| path.contains(".rs:"))
}

fn included_path(fence: &Fence) -> Option<&str> {
    let inner = fence.text.trim().strip_prefix("{{#include ")?;
    let path = inner.strip_suffix("}}")?.trim();
    (!path.contains("}}")).then_some(path)
}

fn listing_name(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next()?;
    file.strip_suffix(".rs").filter(|name| !name.is_empty())
}

/// The fences of Rust.
#[cfg(feature = "command")]
pub(crate) fn fences_in(content: &str) -> Vec<Fence> {
    let mut fences = blocks_in(content);
    fences.retain(|fence| is_rust(&fence.info));
    fences
}

/// Every block of code, also those that are only indented, which say nothing.
#[cfg(feature = "command")]
pub(crate) fn blocks_in(content: &str) -> Vec<Fence> {
    code_in(content).0
}

/// Everywhere that code stands.
pub(crate) fn code_ranges(content: &str) -> Vec<Range<usize>> {
    code_in(content).1
}

/// The blocks of code, and everywhere that code stands, where a directive is only
/// shown.
fn code_in(content: &str) -> (Vec<Fence>, Vec<Range<usize>>) {
    let mut blocks = Vec::new();
    let mut code = Vec::new();
    let mut open: Option<Fence> = None;
    let parser = new_cmark_parser(content, &MarkdownOptions::default());
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                code.push(range.clone());
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                open = Some(Fence {
                    info,
                    text: String::new(),
                    range,
                });
            }
            Event::Text(text) => {
                if let Some(fence) = &mut open {
                    fence.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                blocks.extend(open.take());
            }
            Event::Code(_) => code.push(range),
            _ => {}
        }
    }
    (blocks, code)
}

fn is_rust(info: &str) -> bool {
    info.split([',', ' ', '\t']).any(|word| word == "rust")
}

fn directive_starts(content: &str) -> impl Iterator<Item = usize> {
    content
        .match_indices("{{#")
        .map(|(start, _)| start)
        .filter(|start| !content[..*start].ends_with('\\'))
}

/// Reads the directive at `start`; `None` if it isn't one of ours.
fn parse(content: &str, start: usize) -> Result<Option<Directive>> {
    let inner = &content[start + "{{#".len()..];
    let name_end = inner
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .unwrap_or(inner.len());
    let name = &inner[..name_end];
    if !NAMES.contains(&name) {
        return Ok(None);
    }

    let first_line = inner.lines().next().unwrap_or(inner);
    // What begins before that is the next directive, and not a part of this one.
    let end = first_line.find("}}");
    let Some(end) = end.filter(|end| !first_line[..*end].contains("{{#")) else {
        bail!("{{{{#{name} has no closing }}}} on its line");
    };
    let (words, options) = arguments(&inner[name_end..end])
        .with_context(|| format!("{{{{#{}}}}} can't be read", &inner[..end]))?;
    let range = start..start + "{{#".len() + end + "}}".len();
    Ok(Some(Directive {
        name: name.to_owned(),
        words,
        options,
        alone: stands_alone(content, &range),
        range,
    }))
}

fn stands_alone(content: &str, range: &Range<usize>) -> bool {
    let before = content[..range.start].rsplit('\n').next().unwrap_or("");
    let after = content[range.end..].split('\n').next().unwrap_or("");
    before.trim().is_empty() && after.trim().is_empty()
}

type Arguments = (Vec<String>, BTreeMap<String, String>);

fn arguments(text: &str) -> Result<Arguments> {
    let mut words = Vec::new();
    let mut options = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let key_end = rest.find(['=', '"', ' ', '\t']).unwrap_or(rest.len());
        let key = match rest[key_end..].strip_prefix('=') {
            Some(after) => {
                let key = &rest[..key_end];
                rest = after;
                Some(key)
            }
            None => None,
        };
        let (value, after) = value(rest)?;
        rest = after.trim_start();
        match key {
            Some(key) => {
                options.insert(key.to_owned(), value.to_owned());
            }
            None => words.push(value.to_owned()),
        }
    }
    Ok((words, options))
}

fn value(text: &str) -> Result<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').context("a \" is not closed");
    }
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    Ok(text.split_at(end))
}
