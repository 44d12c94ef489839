//! One Jupyter notebook for every chapter: a renderer of mdBook, used in process
//! (see [`Notebooks`]) or as the program `mdbook-interleaved notebooks`:
//!
//! ```toml
//! [output.notebooks]
//! command = "mdbook-interleaved notebooks"
//! ```
//!
//! Prose becomes Markdown cells, one from each heading to the next. A listing
//! becomes a code cell with its recorded output, and so does a fence marked
//! `rust,session`, which may have its result in a fence marked `text,output`
//! right after it. The renderer only sees the book: whatever takes the listings
//! and their records, or a picture's file, is left in the chapters by the
//! preprocessor, as Markdown and as [notes](note).
//!
//! # On any kernel
//!
//! Our own kernel runs a cell with a `fn main` as a program. The stock one,
//! evcxr, only defines `main`. So that the same notebook does the same on both:
//!
//! - a program is followed by `main();`, which our kernel takes away;
//! - a first cell of code names the crates that the programs use, for evcxr;
//! - a cell that may end in an error is tagged `raises-exception`, so that
//!   whatever runs the notebook goes on behind it;
//! - a program that may never end, or that exits, lacks the `main();`. Our
//!   kernel survives both, but evcxr would wait forever, or lose its variables.

mod anchors;
mod cells;
mod file_name;
mod format;
mod note;
mod pictures;
mod prose;
mod title;

pub(crate) use cells::SESSION;
pub(crate) use file_name::file_of;
pub(crate) use note::Note;
pub(crate) use pictures::{svg_image, with_pictures};
pub(crate) use title::{with_downloads, with_help, with_link};

use anchors::Anchors;
use anyhow::{Context, Result, anyhow};
use mdbook_renderer::{RenderContext, Renderer};
use std::fs;
use std::path::PathBuf;

/// The renderer's name: `book.toml` has it as `[output.notebooks]`.
pub const NAME: &str = "notebooks";

/// The renderer. See the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct Notebooks;

impl Renderer for Notebooks {
    fn name(&self) -> &str {
        NAME
    }

    fn render(&self, ctx: &RenderContext) -> Result<()> {
        for (path, text) in notebooks(ctx) {
            let file = ctx.destination.join(path);
            let folder = file.parent().unwrap_or(&ctx.destination);
            fs::create_dir_all(folder)
                .map_err(|error| anyhow!("cannot create {}: {error}", folder.display()))?;
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }
}

pub(crate) fn heading_ids(content: &str) -> Vec<String> {
    anchors::headings(content).map(|(id, _)| id).collect()
}

/// Every chapter's notebook: the file that it goes to, relative to the
/// destination, and its text.
pub fn notebooks(ctx: &RenderContext) -> Vec<(PathBuf, String)> {
    let mathjax = ctx
        .config
        .html_config()
        .is_some_and(|it| it.mathjax_support);
    let anchors = Anchors::of(&ctx.book);
    let chapters = ctx.book.chapters().filter_map(|chapter| {
        let path = chapter.path.as_ref()?;
        let prose = prose::Translation {
            path,
            anchors: &anchors,
            mathjax,
        };
        let cells = cells::cells(&chapter.content, &prose);
        let notebook = format::Notebook::new(&chapter.name, cells);
        Some((file_of(path), notebook.to_json()))
    });
    chapters.collect()
}
