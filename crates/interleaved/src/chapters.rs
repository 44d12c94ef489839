//! The chapters as they are written: which listings they show, and the lines
//! with which to show one more.

use crate::build;
use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_interleaved::listings::Listings;
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
    pub(crate) text: String,
}

impl Chapter {
    /// Whether it shows this listing.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.includes(&format!("{name}.rs")) || self.answers(name)
    }

    /// Whether this listing answers one of its exercises.
    pub(crate) fn answers(&self, name: &str) -> bool {
        let mut answers = self.text.split("{{#answer ").skip(1);
        answers.any(|rest| rest.split([' ', '}']).next() == Some(name))
    }

    /// Whether it includes all or a part of a file with this name.
    pub(crate) fn includes(&self, name: &str) -> bool {
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
    pub(crate) fn included(&self, fence: &str, listings: &Listings) -> Result<String> {
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

/// The line with which to show an answer.
pub(crate) fn show_answer(name: &str) -> String {
    format!("   {{{{#answer {name} hint=\"…\"}}}}\n")
}
