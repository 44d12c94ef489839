//! The chapters: every fence of Rust is a listing, every listing is in its
//! chapter, and mdBook's own test passes.

use crate::build;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_interleaved::Interleaved;
use mdbook_interleaved::listings::Listings;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use runner::Libraries;
use std::path::Path;

/// A chapter as it is written.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    /// Its file's name without `.md`, as the registry has it.
    pub(super) name: String,
    /// Its file, in the book's source folder.
    file: String,
    text: String,
}

/// A fenced block of code.
#[derive(Debug, Default)]
struct Fence {
    info: String,
    text: String,
}

/// Every chapter of the book.
pub(super) fn read(book: &Path) -> Result<Vec<Chapter>> {
    let book = MDBook::load_with_config(book, build::read_config(book)?)?;
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => {
            let file = chapter.source_path.as_ref()?;
            Some(Chapter {
                name: file.file_stem()?.to_str()?.to_owned(),
                file: file.to_str()?.to_owned(),
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
    let mut shown = Vec::new();
    for fence in fences(&chapter.text) {
        let is_rust = fence.info.split([',', ' ']).any(|word| word == "rust");
        if !is_rust {
            ensure!(
                !fence.text.contains("fn main"),
                "a fence that isn't marked as Rust holds a program:\n{}",
                fence.text
            );
            continue;
        }
        if fence.info == "rust,session" {
            continue;
        }
        ensure!(
            fence.info == "rust",
            "a fence says {:?}: write \"rust\", or \"rust,session\"",
            fence.info
        );
        let name = included(&fence.text, listings)?;
        ensure!(
            chapter.text.contains(&format!("{{{{#outcome {name}}}}}")),
            "{name} is shown without its outcome"
        );
        shown.push(name);
    }
    for (name, listing) in listings.iter() {
        let times = shown.iter().filter(|shown| *shown == name).count();
        let is_here = listing.chapter == chapter.name;
        match (is_here, times) {
            (true, 0) => bail!("{name} belongs into this chapter and isn't shown"),
            // Another chapter may show it again.
            (_, 0 | 1) => {}
            _ => bail!("{name} is shown {times} times"),
        }
    }
    Ok(())
}

/// The name of the listing that a fence includes.
fn included(fence: &str, listings: &Listings) -> Result<String> {
    let file = fence
        .trim()
        .strip_prefix("{{#include ")
        .and_then(|rest| rest.strip_suffix("}}"))
        .with_context(|| format!("a fence of Rust isn't an included listing:\n{fence}"))?;
    let (folder, name) = file
        .strip_suffix(".rs")
        .and_then(|file| file.split_once('/'))
        .with_context(|| format!("{file} is no listing, or not all of it"))?;
    let listing = listings.get(name)?;
    let right = if listing.is_broken() {
        "broken"
    } else {
        "listings"
    };
    ensure!(folder == right, "{file} is in {right}/");
    Ok(name.to_owned())
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
