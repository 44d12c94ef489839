//! Cuts a chapter into cells.

use super::anchors;
use super::format::{Cell, Ids, Output};
use super::note::{Failure, Note};
use super::prose::{self, Edits, Translation};
use mdbook_markdown::new_cmark_parser;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag};
use std::ops::Range;

/// The tag of a fence that holds code of a session, and of one that holds the
/// result.
pub(crate) const SESSION: &str = "session";
const OUTPUT: &str = "output";

/// A block that no other block holds.
#[derive(Debug)]
struct Block {
    range: Range<usize>,
    kind: Kind,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Heading,
    Fence { info: String, text: String },
    Html(String),
    Other,
}

/// A chapter's cells.
pub(super) fn cells(content: &str, translation: &Translation) -> Vec<Cell> {
    let edits = translation.edits(content);
    let mut cutter = Cutter {
        content,
        cells: Vec::new(),
        ids: Ids::default(),
        section: "top".to_owned(),
        prose: Prose::new("top"),
        edits: &edits,
        crates: all_crates(content),
    };
    let blocks = blocks(content);
    let mut blocks = blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        let next = blocks.peek().map(|next| &next.kind);
        match (&block.kind, next) {
            (Kind::Heading, _) => {
                cutter.section(&block.range);
            }
            (Kind::Fence { text, .. }, Some(Kind::Html(html))) if Note::read(html).is_some() => {
                let note = Note::read(html).expect("just read");
                cutter.listing(text, note);
                blocks.next();
            }
            (Kind::Fence { info, text }, next) if has_word(info, SESSION) => {
                let result = match next {
                    Some(Kind::Fence { info, text }) if has_word(info, OUTPUT) => Some(text),
                    _ => None,
                };
                cutter.session(text, result);
                if result.is_some() {
                    blocks.next();
                }
            }
            (Kind::Html(html), _) if html.starts_with("<img ") => {
                cutter.cut("picture");
                cutter.prose.take(&block.range);
                cutter.cut("after-picture");
            }
            _ => cutter.prose.take(&block.range),
        }
    }
    cutter.cut("footnotes");
    cutter.prose.before = edits.footnotes();
    cutter.cut("");
    cutter.cells
}

struct Cutter<'a> {
    content: &'a str,
    cells: Vec<Cell>,
    ids: Ids,
    /// mdBook's id of the heading above.
    section: String,
    prose: Prose,
    edits: &'a Edits<'a>,
    /// What the first cell of code must get, until it has.
    crates: Vec<String>,
}

/// The Markdown cell that is being filled.
#[derive(Debug)]
struct Prose {
    id: String,
    /// Our own words before the chapter's.
    before: String,
    range: Option<Range<usize>>,
    /// Our own words after them.
    after: String,
}

impl Prose {
    fn new(id: &str) -> Prose {
        Prose {
            id: id.to_owned(),
            before: String::new(),
            range: None,
            after: String::new(),
        }
    }

    fn take(&mut self, block: &Range<usize>) {
        let start = self.range.as_ref().map_or(block.start, |it| it.start);
        self.range = Some(start..block.end);
    }
}

impl Cutter<'_> {
    /// Ends the Markdown cell and begins another.
    fn cut(&mut self, id: &str) {
        let prose = std::mem::replace(&mut self.prose, Prose::new(id));
        let text = prose.range.map(|range| self.edits.apply(range));
        let parts = [prose.before, text.unwrap_or_default(), prose.after];
        let parts = parts.iter().map(|part| part.trim_matches('\n').trim_end());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            let id = self.ids.id(&prose.id);
            self.cells.push(Cell::markdown(id, &parts.join("\n\n")));
        }
    }

    fn section(&mut self, heading: &Range<usize>) {
        let mut headings = anchors::headings(&self.content[heading.clone()]);
        self.section = headings.next().unwrap_or_default().0;
        self.cut(&format!("section-{}", self.section));
        self.prose.take(heading);
    }

    fn listing(&mut self, code: &str, note: Note) {
        self.crates();
        let mut caption = format!("**{}** (`{}`)", note.title, note.file);
        if let Some(what) = &note.not_called {
            caption += &format!(
                "\n\nNo `main();` closes this program: Interleaved's kernel runs it all the \
                 same, and another kernel, which {what}, only defines it."
            );
        }
        self.prose.after = caption;
        self.cut(&format!("after-{}", note.name));
        let mut source = code.trim_end().to_owned();
        if note.not_called.is_none() {
            source += "\n\nmain();";
        }
        let id = self.ids.id(&format!("listing-{}", note.name));
        let outputs = outputs(note.stdout, note.stderr, note.error);
        self.cells
            .push(Cell::code(id, &source, outputs, note.may_fail));
        self.prose.before = format!("*{}*", note.ending);
    }

    fn session(&mut self, code: &str, result: Option<&String>) {
        self.crates();
        let id = self.ids.id(&format!("cell-{}", self.section));
        self.cut(&format!("after-{id}"));
        let outputs = result.map(|text| Output::result(text.trim_end()));
        let outputs = outputs.into_iter().collect();
        self.cells
            .push(Cell::code(id, code.trim_end(), outputs, false));
    }

    /// Puts a cell that gets the crates before the first cell of code.
    fn crates(&mut self) {
        let crates = std::mem::take(&mut self.crates);
        if crates.is_empty() {
            return;
        }
        self.prose.after = "The programs below use crates besides `std`. Interleaved's kernel has \
                            them already. For another kernel, this cell gets them."
            .to_owned();
        self.cut("after-crates");
        let id = self.ids.id("crates");
        let lines: Vec<String> = crates.iter().map(|it| format!(":dep {it}")).collect();
        self.cells
            .push(Cell::code(id, &lines.join("\n"), Vec::new(), false));
    }
}

fn outputs(stdout: String, stderr: String, error: Option<Failure>) -> Vec<Output> {
    let mut outputs = Vec::new();
    for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
        if !text.is_empty() {
            outputs.push(Output::stream(name, &text));
        }
    }
    outputs.extend(error.map(|it| Output::error(it.name, it.sentence, it.lines)));
    outputs
}

/// The crates that the chapter's listings use, in order.
fn all_crates(content: &str) -> Vec<String> {
    let mut crates = Vec::new();
    for block in blocks(content) {
        if let Kind::Html(html) = &block.kind
            && let Some(note) = Note::read(html)
        {
            crates.extend(note.crates);
        }
    }
    crates.sort();
    crates.dedup();
    crates
}

fn has_word(info: &str, word: &str) -> bool {
    info.split([',', ' ', '\t']).any(|it| it == word)
}

fn blocks(content: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0;
    for (event, range) in new_cmark_parser(content, &prose::options()).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    blocks.push(Block {
                        range,
                        kind: Kind::of(&tag),
                    });
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(part) | Event::Html(part) if depth == 1 => {
                if let Some(Block {
                    kind: Kind::Fence { text, .. } | Kind::Html(text),
                    ..
                }) = blocks.last_mut()
                {
                    text.push_str(&part);
                }
            }
            _ if depth == 0 => blocks.push(Block {
                range,
                kind: Kind::Other,
            }),
            _ => {}
        }
    }
    blocks
}

impl Kind {
    fn of(tag: &Tag) -> Kind {
        match tag {
            Tag::Heading { .. } => Kind::Heading,
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => Kind::Fence {
                info: info.to_string(),
                text: String::new(),
            },
            Tag::HtmlBlock => Kind::Html(String::new()),
            _ => Kind::Other,
        }
    }
}
