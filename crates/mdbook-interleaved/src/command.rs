//! What the program `mdbook-interleaved` does besides being a preprocessor: it
//! serves a book, or tests the code in it, with the crates that its fences use.

mod examples;
mod served;
mod somebodys;
mod test;

use crate::outcomes::fences;
use crate::{Interleaved, Settings};
use anyhow::{Error, Result};
use cargo_outcomes::progress::LateProgress;
use cargo_outcomes::stderr::say;
use clap::{Parser, Subcommand};
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use somebodys::Somebodys;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What takes no longer than this needs no progress shown.
const SOON: Duration = Duration::from_secs(1);

/// Code in an mdBook that readers can run, edit and explore.
///
/// Name it in book.toml, as [preprocessor.interleaved]: `mdbook build` then runs it by
/// itself, and puts its tools below every program. As `mdbook-interleaved notebooks`,
/// under [output.notebooks], mdbook has it write a notebook for each chapter.
#[derive(Parser)]
#[command(name = "mdbook-interleaved", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a book and serve it on this machine, with code that runs
    Serve {
        /// The book's folder, which holds its book.toml
        #[arg(default_value = ".")]
        book: PathBuf,
        #[command(flatten)]
        options: interleaved_server::Options,
    },
    /// Compile and run the code in a book, as `mdbook test` does, with the crates
    /// that it uses
    Test {
        /// The book's folder, which holds its book.toml
        #[arg(default_value = ".")]
        book: PathBuf,
        #[command(flatten)]
        options: test::Options,
    },
}

/// Does what the arguments say.
pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve { book, options } => serve(book, &options),
        Command::Test { book, options } => test::run(&book, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The preprocessor for a site that is to be published: it explores the book's fences,
/// too.
#[derive(Clone, Copy, Debug, Default)]
pub struct WithFences;

impl Preprocessor for WithFences {
    fn name(&self) -> &str {
        Interleaved.name()
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        if ctx.renderer == "html" {
            explore_fences(ctx, &mut book)?;
        }
        Interleaved.run(ctx, book)
    }
}

/// Explores the fences of a book that mdBook builds, if it wants that, for pages that
/// have no server to ask.
///
/// # Errors
/// When there is nothing to explore them with, or nothing can be written.
fn explore_fences(ctx: &PreprocessorContext, book: &mut Book) -> Result<()> {
    let settings = Settings::of(&ctx.config)?;
    let Some(folder) = settings.outcomes.folder() else {
        return Ok(());
    };
    let somebodys = Somebodys::find(&ctx.root)?;
    let folder = ctx.root.join(&ctx.config.book.src).join(folder);
    let explored = somebodys.explored();
    let has_listings = settings.listings.is_some();
    let mut modelled = || explored.modelled(&mut |_| {}).map_err(Error::msg);
    let mut progress = LateProgress::new("Exploring the book's programs");
    let started = Instant::now();
    let edition = &somebodys.edition;
    let mut tell = |sentence: Option<String>, done, total| {
        if let Some(sentence) = sentence {
            say(format_args!("warning: {sentence}"));
        }
        let is_fresh = started.elapsed() < SOON;
        progress.step(is_fresh, done, total, "");
    };
    let done = fences::explore(
        ctx,
        book,
        &folder,
        edition,
        has_listings,
        &mut modelled,
        &mut tell,
    );
    progress.end(&done);
    done
}

fn serve(book: PathBuf, options: &interleaved_server::Options) -> Result<()> {
    interleaved_server::run(Arc::new(Somebodys::find(&book)?), options)
}
