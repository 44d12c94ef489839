//! The chapters: every fence of Rust is a listing, every listing is in its
//! chapter, and mdBook's own test passes.

use super::findings::Findings;
use crate::build;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_interleaved::Interleaved;
use mdbook_interleaved::listings::Listings;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use runner::Libraries;
use std::path::{Path, PathBuf};

/// A chapter as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Chapter {
    /// Its file's name without `.md`, as the registry has it.
    pub(crate) name: String,
    /// Its file, in the book's source folder.
    pub(crate) file: String,
    /// The folder of its file.
    folder: PathBuf,
    pub(super) text: String,
}

impl Chapter {
    /// Whether it shows this listing.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.includes(&format!("{name}.rs")) || self.answers(name)
    }

    /// Whether this listing answers one of its exercises.
    fn answers(&self, name: &str) -> bool {
        let mut answers = self.text.split("{{#answer ").skip(1);
        answers.any(|rest| rest.split([' ', '}']).next() == Some(name))
    }

    /// Whether it includes all or a part of a file with this name.
    pub(super) fn includes(&self, name: &str) -> bool {
        let includes = self.text.split("{{#include ").skip(1);
        let mut files = includes.filter_map(|rest| rest.split(['}', ':']).next());
        files.any(|file| {
            Path::new(file.trim())
                .file_name()
                .is_some_and(|it| it == name)
        })
    }

    /// The lines with which to show a listing, whose program is in this file.
    pub(crate) fn show(&self, name: &str, program: &Path) -> String {
        let file = self.path_to(program);
        format!("```rust\n{{{{#include {file}}}}}\n```\n\n{{{{#outcome {name}}}}}\n")
    }

    /// How to include a file: by the shortest way that there is.
    fn path_to(&self, file: &Path) -> String {
        let name = file.file_name().unwrap_or_default();
        let Ok(real) = file.canonicalize() else {
            return file.display().to_string();
        };
        // The book may have links to the listings' folders.
        for folder in ["listings", "examples", "broken"] {
            let short = Path::new(folder).join(name);
            if self
                .folder
                .join(&short)
                .canonicalize()
                .is_ok_and(|it| it == real)
            {
                return short.display().to_string();
            }
        }
        let from = self.folder.canonicalize().unwrap_or_default();
        let shared = from.ancestors().find(|folder| real.starts_with(folder));
        let shared = shared.unwrap_or(Path::new(""));
        let up = from
            .strip_prefix(shared)
            .map_or(0, |rest| rest.components().count());
        let down = real.strip_prefix(shared).unwrap_or(&real);
        format!("{}{}", "../".repeat(up), down.display())
    }

    /// The name of the listing that a fence includes.
    fn included(&self, fence: &str, listings: &Listings) -> Result<String> {
        let file = fence
            .trim()
            .strip_prefix("{{#include ")
            .and_then(|rest| rest.strip_suffix("}}"))
            .with_context(|| {
                format!(
                    "a fence of Rust holds code: make that a listing (`cargo run -- add NAME`), \
                     and include it. It is\n{fence}"
                )
            })?;
        let name = Path::new(file).file_stem().and_then(|name| name.to_str());
        let program = name.and_then(|name| listings.source_path(name).ok());
        let program = program.and_then(|program| program.canonicalize().ok());
        let is_program = |program: &PathBuf| {
            let included = self.folder.join(file).canonicalize();
            included.is_ok_and(|included| included == *program)
        };
        match (name, program.filter(is_program)) {
            (Some(name), Some(_)) => Ok(name.to_owned()),
            _ => bail!(
                "a fence of Rust includes {file}, which is no listing, or not all of one: add it \
                 with `cargo run -- add NAME`, and include it whole"
            ),
        }
    }
}

/// A fenced block of code.
#[derive(Debug, Default)]
struct Fence {
    info: String,
    text: String,
}

/// Every chapter of the book.
pub(crate) fn read(book: &Path) -> Result<Vec<Chapter>> {
    let book = MDBook::load_with_config(book, build::read_config(book)?)?;
    let source = book.source_dir();
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => {
            let file = chapter.source_path.as_ref()?;
            Some(Chapter {
                name: file.file_stem()?.to_str()?.to_owned(),
                file: file.to_str()?.to_owned(),
                folder: source.join(file).parent()?.to_owned(),
                text: chapter.content.clone(),
            })
        }
        _ => None,
    });
    Ok(chapters.collect())
}

/// Every fence of Rust includes a listing, whole, and every listing of this
/// chapter is included. What is marked as a session's is for notebooks only.
pub(super) fn check(chapter: &Chapter, listings: &Listings) -> Result<()> {
    let mut findings = Findings::new();
    let mut shown = Vec::new();
    for fence in fences(&chapter.text) {
        let is_rust = fence.info.split([',', ' ']).any(|word| word == "rust");
        if !is_rust {
            findings.hold(!fence.text.contains("fn main"), || {
                format!(
                    "a fence that isn't marked as Rust holds a program: make it a listing, and \
                     include that. It is\n{}",
                    fence.text
                )
            });
            continue;
        }
        if fence.info == "rust,session" {
            continue;
        }
        findings.hold(fence.info == "rust", || {
            format!(
                "a fence says {:?}: write \"rust\", or \"rust,session\"",
                fence.info
            )
        });
        let Some(name) = findings.take(chapter.included(&fence.text, listings)) else {
            continue;
        };
        let outcome = format!("{{{{#outcome {name}}}}}");
        findings.hold(chapter.text.contains(&outcome), || {
            format!("it shows {name} without its outcome: write {outcome} below it")
        });
        shown.push(name);
    }
    for (name, listing) in listings.iter() {
        let times = shown.iter().filter(|shown| *shown == name).count();
        let is_here = listing.chapter == chapter.name;
        if listing.answers.is_some() {
            findings.hold(!is_here || chapter.answers(name), || {
                format!(
                    "listings.toml says that {name} answers an exercise of this chapter, and {} \
                     doesn't show it: put this below the exercise\n\n{}",
                    chapter.file,
                    show_answer(name)
                )
            });
            continue;
        }
        match (is_here, times) {
            (true, 0) => findings.add(format!(
                "listings.toml says that {name} is in this chapter, and {} doesn't show it: put \
                 this there, or correct the one or the other\n\n{}",
                chapter.file,
                chapter.show(name, &listings.source_path(name)?)
            )),
            // Another chapter may show it again.
            (_, 0 | 1) => {}
            _ => findings.add(format!(
                "it shows {name} {times} times: show it once, and refer to that"
            )),
        }
    }
    findings.report()
}

/// The line with which to show an answer.
pub(crate) fn show_answer(name: &str) -> String {
    format!("   {{{{#answer {name} hint=\"…\"}}}}\n")
}

fn fences(text: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut open: Option<Fence> = None;
    for event in new_cmark_parser(text, &MarkdownOptions::default()) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                open = Some(Fence {
                    info,
                    ..Fence::default()
                });
            }
            Event::Text(text) => {
                if let Some(fence) = &mut open {
                    fence.text += &text;
                }
            }
            Event::End(TagEnd::CodeBlock) => fences.extend(open.take()),
            _ => {}
        }
    }
    fences
}

/// mdBook's own test of this chapter: rustdoc compiles and runs its fences.
pub(super) fn test_with_mdbook(
    chapter: &Chapter,
    workspace: &Workspace,
    libraries: &Libraries,
) -> Result<()> {
    let folder = workspace.target().join("book-libs");
    libraries
        .link_into(&folder)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    let folder = folder
        .to_str()
        .context("the target folder's name is no text")?;
    let mut book = MDBook::load_with_config(&workspace.book, build::read_config(&workspace.book)?)?;
    // Of the same name as the command in book.toml, so it takes its place.
    book.with_preprocessor(Interleaved);
    book.test_chapter(vec![folder], Some(&chapter.file))
        .with_context(|| format!("`mdbook test` of {}", chapter.file))
}
