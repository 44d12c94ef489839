//! The command `cargo outcomes`.

use cargo_outcomes::command::{self, EXIT_CODES, targets, testing};
use cargo_outcomes::exit::Exit;
use cargo_outcomes::stderr::say;
use clap::{Parser, Subcommand};
use std::env;
use std::process::ExitCode;

/// Everything that a concurrent program can do: it is run under every schedule.
#[derive(Parser)]
#[command(name = "cargo-outcomes", bin_name = "cargo outcomes", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show everything that a program can print, and how it can end
    ///
    /// It may use its package's library, crates that are modelled (std, crossbeam-channel
    /// and crossbeam-utils), and some that are known to be the same in every run, such as
    /// serde, serde_json, anyhow and itertools. Those are compiled as they are.
    #[command(after_help = EXIT_CODES)]
    Run(Run),

    /// Run each test under every schedule
    ///
    /// Tests may use what programs may: see `cargo outcomes run --help`.
    #[command(after_help = testing::EXIT_CODES)]
    Test(testing::Options),
}

#[derive(clap::Args)]
struct Run {
    #[command(flatten)]
    program: targets::Options,

    #[command(flatten)]
    asked: command::Options,
}

fn main() -> ExitCode {
    runner::supervisor::hook();
    // cargo names the command once more.
    let arguments = env::args_os().enumerate();
    let arguments = arguments.filter(|(index, it)| *index != 1 || it != "outcomes");
    let arguments = Arguments::parse_from(arguments.map(|(_, argument)| argument));
    let answered = match &arguments.command {
        Command::Run(run) => answer(run),
        Command::Test(tests) => tests.answer(),
    };
    match answered {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(format_args!("error: {error:#}"));
            Exit::Unknown.into()
        }
    }
}

fn answer(run: &Run) -> anyhow::Result<Exit> {
    let found = run.program.find()?;
    let request = run.asked.request(&found.program)?;
    let modelled = found.modelled(&targets::look_alikes()?);
    let originals = || found.originals();
    run.asked
        .answer(&found.program, &request, &modelled, &originals)
}
