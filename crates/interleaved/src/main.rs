//! The `interleaved` command.

use cargo_outcomes::exit::Exit;
use clap::{Parser, Subcommand};
use interleaved::stderr::say;
use interleaved::workspace::Workspace;
use interleaved::{add, build, notebooks, outcomes, paper, record, serve, test};
use std::path::PathBuf;
use std::process::ExitCode;

/// A book on concurrency in Rust, in which every listing runs.
///
/// Without a command it does what `serve` does: it builds the book, opens it in
/// your browser, and runs the programs that you ask it to run.
#[derive(Parser)]
#[command(name = "interleaved", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: serve::Options,

    /// The book's folder, which holds its book.toml [default: the folder
    /// `book` of the workspace that you are in]
    #[arg(long, value_name = "DIR", global = true)]
    book: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book and serve it on this machine, with listings that run
    Serve(serve::Options),
    /// Build the book as a static site, to publish or to read without a server
    Build(build::Options),
    /// Make an e-book of it
    Epub(paper::EpubOptions),
    /// Make a PDF of it, with a browser that prints
    Pdf(paper::PdfOptions),
    /// Check everything that the book says
    Test(test::Options),
    /// Make a Jupyter notebook of each chapter
    Notebooks(notebooks::Options),
    /// Show everything that a program can print, and how it can end
    Outcomes(outcomes::Options),
    /// Write down what is known of a new listing, or of one that was changed
    Add(add::Options),
    /// Run listings and write down what they print
    Record(record::Options),
}

impl Arguments {
    /// What to do: without a command, to serve. Options of `serve` may also
    /// stand before its name.
    fn command(self) -> anyhow::Result<Command> {
        match self.command {
            None => Ok(Command::Serve(self.serve)),
            Some(Command::Serve(options)) => Ok(Command::Serve(options.or(self.serve))),
            Some(command) => match self.serve.given() {
                None => Ok(command),
                Some(option) => anyhow::bail!(
                    "{option} is an option of `interleaved serve`, which you get without a \
                     command, too; leave it out here"
                ),
            },
        }
    }
}

fn main() -> ExitCode {
    runner::supervisor::hook();
    let arguments = Arguments::parse();
    let failure = match arguments.command {
        Some(Command::Outcomes(_)) => Exit::Unknown.into(),
        _ => ExitCode::FAILURE,
    };
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(format_args!("error: {error:#}"));
            failure
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let workspace = Workspace::find(arguments.book.as_deref())?;
    match arguments.command()? {
        Command::Serve(options) => serve::run(&workspace, &options)?,
        Command::Build(options) => build::run(&workspace, &options)?,
        Command::Epub(options) => paper::epub(&workspace, &options)?,
        Command::Pdf(options) => paper::pdf(&workspace, &options)?,
        Command::Test(options) => test::run(&workspace, &options)?,
        Command::Notebooks(options) => notebooks::run(&workspace, &options)?,
        Command::Add(options) => add::run(&workspace, &options)?,
        Command::Record(options) => record::run(&workspace, &options)?,
        Command::Outcomes(options) => return outcomes::run(&workspace, &options),
    }
    Ok(Exit::Yes)
}
