//! The code in a book, as rustdoc takes it: every block of Rust, with what its words
//! say of it.

use super::somebodys::Somebodys;
use crate::fences::{self, Fence};
use crate::site;
use anyhow::{Context, Result};
use mdbook_driver::book::BookItem;
use mdbook_renderer::{RenderContext, Renderer};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A fence, and where it is.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) chapter: PathBuf,
    /// Of its chapter with all that it includes.
    pub(super) line: usize,
    pub(super) fence: Fence,
}

/// Those of all chapters, by their files in the book's `src`.
pub(super) type Examples = BTreeMap<PathBuf, Vec<Example>>;

/// mdBook's own name for what tests.
struct Test;

impl Renderer for Test {
    fn name(&self) -> &str {
        "test"
    }

    fn render(&self, _: &RenderContext) -> Result<()> {
        Ok(())
    }
}

/// Every block of Rust in a book, by its chapters, with all that it includes; and what
/// mdBook complains of as an error: something is missing then. What other preprocessors
/// would do isn't done: code is what its author wrote.
///
/// # Errors
/// Says what is wrong with the book.
pub(super) fn of(book: &Somebodys) -> Result<(Examples, Vec<String>)> {
    let mut config = book.config()?;
    let own: Option<toml::Value> = config
        .get("preprocessor.interleaved")
        .context("book.toml: [preprocessor.interleaved] can't be read")?;
    let mut own = own.unwrap_or_else(|| toml::Table::new().into());
    if let Some(own) = own.as_table_mut() {
        // Only `mdbook test` looks for crates there.
        own.remove("libraries");
    }
    let only = toml::Table::from_iter([("interleaved".to_owned(), own)]);
    config.set("preprocessor", only)?;
    let (chapters, complaints) = site::with_somebodys(&book.folder, config, |book| {
        let (book, _) = book.preprocess_book(&Test)?;
        Ok(book)
    })?;
    let mut examples = Examples::new();
    for item in chapters.iter() {
        let BookItem::Chapter(chapter) = item else {
            continue;
        };
        let Some(path) = &chapter.path else {
            continue;
        };
        let fences = fences::tested(&chapter.content).into_iter();
        let of_chapter = fences.map(|(line, fence)| Example {
            chapter: path.clone(),
            line,
            fence,
        });
        examples.entry(path.clone()).or_default().extend(of_chapter);
    }
    Ok((examples, complaints.errors()))
}
