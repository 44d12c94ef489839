//! The chapters: every fence of Rust is a listing, every listing is in its
//! chapter, and mdBook's own test passes.

use super::findings::Findings;
use crate::build;
use crate::chapters::{Chapter, show_answer};
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_interleaved::Interleaved;
use mdbook_interleaved::listings::Listings;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use runner::Libraries;
use std::path::{Path, PathBuf};

/// A fenced block of code.
#[derive(Debug, Default)]
struct Fence {
    info: String,
    text: String,
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

/// Puts the libraries where [`test_with_mdbook`] finds them. Once for all chapters:
/// while one is tested, nothing there may be replaced, however alike.
pub(super) fn link(workspace: &Workspace, libraries: &Libraries) -> Result<PathBuf> {
    let folder = workspace.target().join("book-libs");
    libraries
        .link_into(&folder)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder)
}

/// mdBook's own test of this chapter: rustdoc compiles and runs its fences, with the
/// libraries in the folder.
pub(super) fn test_with_mdbook(
    chapter: &Chapter,
    workspace: &Workspace,
    libraries: &Path,
) -> Result<()> {
    let libraries = libraries
        .to_str()
        .context("the target folder's name is no text")?;
    let mut book = MDBook::load_with_config(&workspace.book, build::read_config(&workspace.book)?)?;
    // Of the same name as the command in book.toml, so it takes its place.
    book.with_preprocessor(Interleaved);
    book.test_chapter(vec![libraries], Some(&chapter.file))
        .with_context(|| format!("`mdbook test` of {}", chapter.file))
}
