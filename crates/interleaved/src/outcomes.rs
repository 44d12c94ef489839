//! `interleaved outcomes`: everything that a listing can print, how it can end, and
//! whether an output is among that. What is asked, and how it is told, is
//! `cargo outcomes`'s: see [`cargo_outcomes::command`].

use crate::workspace::Workspace;
use anyhow::{Context, Result, anyhow, bail, ensure};
use cargo_outcomes::command::{self, EXIT_CODES, Program, Refused};
use cargo_outcomes::exit::Exit;
use cargo_outcomes::progress::LateProgress;
use cargo_outcomes::{Modelled, report};
use mdbook_interleaved::listings::{Listing, Listings};
use outcomes_protocol::{Answer, Clock, Request, Settings};
use runner::Builder;
use std::path::Path;

/// What `interleaved outcomes` may be told.
#[derive(clap::Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct Options {
    /// A listing of the book, or a file of your own
    #[arg(value_name = "NAME|FILE.rs")]
    program: String,

    #[command(flatten)]
    asked: command::Options,
}

/// Explores a program, and shows what came of it.
///
/// # Errors
/// Says in one sentence why there is no telling.
pub fn run(workspace: &Workspace, options: &Options) -> Result<Exit> {
    let program = find(workspace, &options.program)?;
    let request = options.asked.request(&program)?;
    let modelled = prepare(workspace)?;
    let originals = || originals(workspace);
    options
        .asked
        .answer(&program, &request, &modelled, &originals)
}

/// Explores a program of the listings' folder, which may not be a listing yet.
///
/// # Errors
/// Says why there is no telling.
pub(crate) fn explore(
    workspace: &Workspace,
    modelled: &Modelled,
    file: &Path,
    clock: Clock,
) -> Result<Explored> {
    let program = Program::from_file(file)?;
    let request = Request {
        settings: Settings {
            clock,
            ..Settings::default()
        },
        ..Request::default()
    };
    match command::ask(&program, &request, modelled, &|| originals(workspace)) {
        Ok(answer) => Ok(Explored::Answer(Box::new(answer))),
        Err(error) => match error.downcast_ref() {
            Some(Refused(_)) => Ok(Explored::Refused(error)),
            None => Err(error),
        },
    }
}

/// What came of exploring.
pub(crate) enum Explored {
    /// It could be explored.
    Answer(Box<Answer>),
    /// It does what can't be modelled: a sentence about it.
    Refused(anyhow::Error),
}

/// The report on how a listing gets stuck.
///
/// # Errors
/// Says why there is no telling, or that it does not.
pub fn deadlocks(
    workspace: &Workspace,
    modelled: &Modelled,
    listings: &Listings,
    name: &str,
) -> Result<String> {
    let program = from_listing(listings, listings.get(name)?, name)?;
    let request = Request {
        settings: Settings {
            clock: program.clock,
            ..Settings::default()
        },
        ..Request::default()
    };
    let answer = command::ask(&program, &request, modelled, &|| originals(workspace))?;
    ensure!(
        answer.complete && !answer.deadlocks.is_empty(),
        "{name} does not end in a deadlock, which listings.toml states"
    );
    Ok(report::of_deadlocks(&answer.deadlocks))
}

/// A file, if it looks like one; else a listing.
fn find(workspace: &Workspace, named: &str) -> Result<Program> {
    let path = Path::new(named);
    if path.extension().is_some_and(|extension| extension == "rs") || named.contains('/') {
        return Program::from_file(path);
    }
    let listings = workspace.listings()?;
    let listing = listings
        .get(named)
        .with_context(|| format!("{named:?} is neither a listing nor a file named *.rs"))?;
    from_listing(&listings, listing, named)
}

fn from_listing(listings: &Listings, listing: &Listing, name: &str) -> Result<Program> {
    ensure!(
        !listing.is_broken(),
        "{name} does not compile, as it is meant to: there is nothing to explore"
    );
    if let Some(reason) = &listing.unexplored {
        bail!("{name} can't be explored: {reason}");
    }
    Ok(Program {
        name: name.to_owned(),
        file_name: format!("{name}.rs"),
        source: listings.source(name)?,
        clock: listing.clock,
    })
}

/// Has the look-alikes built, and says so if that takes a while.
///
/// # Errors
/// When they can't be built.
pub fn prepare(workspace: &Workspace) -> Result<Modelled> {
    prepare_and_tell(workspace, &mut |_| {})
}

/// The same for one who wants to know how far it is, too.
///
/// # Errors
/// When they can't be built.
pub(crate) fn prepare_and_tell(
    workspace: &Workspace,
    tell: &mut dyn FnMut(runner::Progress),
) -> Result<Modelled> {
    let package = workspace.package()?;
    let mut progress = LateProgress::new("Building what explores programs");
    let modelled = Modelled::prepare(&workspace.root, &package, &mut |step| {
        progress.step(step.fresh, step.done, step.total, &step.name);
        tell(step);
    });
    progress.end(&modelled);
    modelled.map_err(|error| anyhow!("{error}"))
}

/// What compiles programs with the originals of what the listings use.
fn originals(workspace: &Workspace) -> Result<Builder> {
    let built = runner::build_examples(&workspace.root, &workspace.package()?, &mut |_| {})?;
    Ok(Builder::new(built.libraries, workspace.programs()))
}
