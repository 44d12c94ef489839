//! What the program `mdbook-interleaved` does besides being a preprocessor: it
//! serves a book, or tests the code in it, with the crates that its fences use.

mod examples;
mod served;
mod somebodys;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};
use somebodys::Somebodys;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

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
            interleaved_server::stderr::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(book: PathBuf, options: &interleaved_server::Options) -> Result<()> {
    interleaved_server::run(Arc::new(Somebodys::find(&book)?), options)
}
