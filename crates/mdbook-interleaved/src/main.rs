//! The preprocessor and the renderer of notebooks as a program: mdBook writes
//! the book to its standard input, and of the preprocessor it reads it back,
//! expanded, from the standard output.

use anyhow::{Context, Result};
use cargo_outcomes::Modelled;
use mdbook_interleaved::notebook::Notebooks;
use mdbook_interleaved::{names, outcomes};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};
use mdbook_renderer::{RenderContext, Renderer};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[cfg(not(feature = "command"))]
const USAGE: &str = "mdbook-interleaved is a preprocessor: mdbook runs it, not you.\n\
    Name it in book.toml, under [preprocessor.interleaved], and run `mdbook build`.\n\
    As `mdbook-interleaved notebooks`, under [output.notebooks], it is a renderer.";

#[cfg(feature = "command")]
const PREPROCESSOR: mdbook_interleaved::command::WithFences =
    mdbook_interleaved::command::WithFences;
#[cfg(not(feature = "command"))]
const PREPROCESSOR: mdbook_interleaved::Interleaved = mdbook_interleaved::Interleaved;

fn main() -> ExitCode {
    // Cargo is run under a supervisor, which is this very program.
    runner::supervisor::hook();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        // Every renderer has its use for it: see `Renderer`.
        ["supports", _renderer] => ExitCode::SUCCESS,
        [] if !io::stdin().is_terminal() => exit(preprocess()),
        ["notebooks"] if !io::stdin().is_terminal() => exit(render()),
        #[cfg(feature = "command")]
        _ => mdbook_interleaved::command::run(),
        #[cfg(not(feature = "command"))]
        ["--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        #[cfg(not(feature = "command"))]
        _ => {
            eprintln!("{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn exit(result: Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn preprocess() -> Result<()> {
    let (mut ctx, book) = parse_input(io::stdin().lock())?;
    // mdBook runs us in the book's folder, from which its own, relative path
    // leads nowhere.
    if ctx.root.is_relative() {
        ctx.root = std::env::current_dir().context("cannot find the book's folder")?;
    }
    if ctx.renderer == "html" {
        tell_names(&ctx)?;
        explore(&ctx)?;
    }
    let book = PREPROCESSOR.run(&ctx, book)?;
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &book).context("cannot hand the book back to mdbook")?;
    output
        .flush()
        .context("cannot hand the book back to mdbook")
}

/// Writes what the pages tell of the names in listings, where that can be had.
fn tell_names(ctx: &PreprocessorContext) -> Result<()> {
    let listings = mdbook_interleaved::listings(&ctx.root, &ctx.config)?;
    if listings.is_empty() {
        return Ok(());
    }
    let source = ctx.root.join(&ctx.config.book.src);
    let told = || -> Result<()> {
        let workspace = runner::cargo::Workspace::read(listings.root())?;
        let kept = workspace.target_directory().join("interleaved/names");
        let package = listings.package()?;
        let libraries =
            runner::build_libraries_of_examples(listings.root(), &package, &mut |_| {})?;
        names::write(&listings, &libraries, &source, &kept).map(drop)
    };
    if let Err(error) = told() {
        eprintln!("warning: the pages don't tell what the names in listings are: {error:#}");
    }
    Ok(())
}

/// Writes what can come of the listings, if the book wants it.
fn explore(ctx: &PreprocessorContext) -> Result<()> {
    let Some((listings, folder)) = mdbook_interleaved::explored(&ctx.root, &ctx.config)? else {
        return Ok(());
    };
    let mut said = false;
    let mut say = |fresh: bool| {
        if !said && !fresh {
            eprintln!("Building what explores the listings");
            said = true;
        }
    };
    let package = listings.package()?;
    let modelled = Modelled::prepare(listings.root(), &package, &mut |step| say(step.fresh))?;
    let mut progress = Duration::from_secs(1);
    let started = Instant::now();
    outcomes::write(&listings, &modelled, &folder, &mut |step| {
        if let Err(error) = &step.json {
            eprintln!("warning: {}: {error:#}", step.name);
        }
        if started.elapsed() > progress {
            eprintln!("Exploring the listings: {} of {}", step.done, step.total);
            progress = started.elapsed() + Duration::from_secs(1);
        }
    })
}

/// Writes the notebooks.
fn render() -> Result<()> {
    let mut ctx = RenderContext::from_json(io::stdin().lock())?;
    // Where mdBook runs us, as it runs any renderer; its own path may be
    // relative to where it was run itself.
    ctx.destination = std::env::current_dir().context("cannot find the notebooks' folder")?;
    Notebooks.render(&ctx)
}
