//! The book without a screen to press on: as an EPUB, and as a PDF.
//!
//! Both are made of the same chapters, which the preprocessor makes for
//! [paper](mdbook_interleaved::paper): as XHTML, with recorded outputs, counts and
//! pictures, and with all answers at the end. An EPUB is a zip of them. A PDF is
//! what a browser prints of one document that holds them all; it needs one of
//! Chromium's kin.

mod chapters;
mod colour;
mod epub;
mod front;
mod pdf;
mod stylesheet;
mod timeline;
mod xhtml;

use crate::build;
use crate::outcomes;
use crate::progress::Progress;
use crate::stderr::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use chapters::Paper;
use mdbook_interleaved::paper::NAME;
use mdbook_interleaved::site::{read_config, with_mdbook};
use mdbook_renderer::{RenderContext, Renderer};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What `interleaved epub` may be told.
#[derive(clap::Args, Debug)]
pub struct EpubOptions {
    /// The file to write [default: target/BOOK.epub, named for the book]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Where the book is published, if it is
    #[arg(long, value_name = "URL")]
    address: Option<String>,
}

/// What `interleaved pdf` may be told.
#[derive(clap::Args, Debug)]
pub struct PdfOptions {
    /// The file to write [default: target/BOOK.pdf, named for the book]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Where the book is published, if it is
    #[arg(long, value_name = "URL")]
    address: Option<String>,

    /// The browser that prints it: Chromium, or one that is made of it [default:
    /// the first that is found]
    #[arg(long, value_name = "PROGRAM")]
    browser: Option<PathBuf>,
}

/// Writes the book as an EPUB, and says where that is.
///
/// # Errors
/// Says in one sentence what is wrong with the book.
pub fn epub(workspace: &Workspace, options: &EpubOptions) -> Result<()> {
    let paper = paper(workspace, options.address.as_deref())?;
    let file = file(workspace, &paper, options.output.as_deref(), "epub")?;
    write(&file, "Making the EPUB", || epub::make(&paper))
}

/// Writes the book as a PDF, and says where that is.
///
/// # Errors
/// Says in one sentence what is wrong with the book, or which browser is missing.
pub fn pdf(workspace: &Workspace, options: &PdfOptions) -> Result<()> {
    let browser = pdf::Browser::find(options.browser.as_deref())?;
    let paper = paper(workspace, options.address.as_deref())?;
    let file = file(workspace, &paper, options.output.as_deref(), "pdf")?;
    write(&file, "Printing the book", || pdf::make(&paper, &browser))
}

/// The book's chapters, ready to be put together.
fn paper(workspace: &Workspace, address: Option<&str>) -> Result<Paper> {
    build::explore(workspace, &|| outcomes::prepare(workspace), &mut |_, _| {})?;
    let folder = &workspace.book;
    let mut made = None;
    let warnings = with_mdbook(folder, read_config(folder)?, |book| {
        let (chapters, _) = book.preprocess_book(&OnPaper)?;
        let config = book.config.clone();
        let context = RenderContext::new(&book.root, chapters, config, folder);
        made = Some(Paper::of(&context, address)?);
        Ok(())
    })?;
    for warning in warnings {
        say(format_args!("warning: {warning}"));
    }
    made.context("the book has no chapters")
}

/// The renderer that mdBook knows: for its name, which the preprocessor is told.
struct OnPaper;

impl Renderer for OnPaper {
    fn name(&self) -> &str {
        NAME
    }

    fn render(&self, _: &RenderContext) -> Result<()> {
        Ok(())
    }
}

fn file(
    workspace: &Workspace,
    paper: &Paper,
    output: Option<&Path>,
    extension: &str,
) -> Result<PathBuf> {
    Ok(match output {
        Some(file) => std::path::absolute(file)?,
        None => {
            let name = xhtml::slug(&paper.title);
            workspace.target().join(format!("{name}.{extension}"))
        }
    })
}

fn write(file: &Path, what: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
    let progress = Progress::begin(what);
    let written = make().and_then(|bytes| {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
    });
    match written {
        Ok(()) => progress.done(),
        Err(error) => {
            progress.failed();
            return Err(error);
        }
    }
    // Nobody may be reading.
    let _ = writeln!(io::stdout(), "The book is in {}", file.display());
    Ok(())
}
