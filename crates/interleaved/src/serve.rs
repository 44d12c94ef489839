//! `interleaved serve`: the book on this machine, with listings that run.

use crate::progress::Progress;
use crate::stderr::say;
use crate::workspace::Workspace;
use crate::{build, outcomes};
use anyhow::{Result, bail};
use cargo_outcomes::Modelled;
use interleaved_server::Book;
pub use interleaved_server::Options;
use kernel::LookAlikes;
use kernel::cell::Code;
use runner::{Builder, Stop};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// Serves the book until the command is told to end.
///
/// # Errors
/// Says in one sentence what keeps it from serving.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let book = Served {
        made: made(workspace)?,
        workspace: workspace.clone(),
    };
    interleaved_server::run(Arc::new(book), options)
}

/// The book of a workspace.
struct Served {
    workspace: Workspace,
    /// The folders that are made from the book, as the watcher names them.
    made: Vec<PathBuf>,
}

impl Book for Served {
    fn build(&self, site: &Path) -> Result<()> {
        build::book(&self.workspace.book, site)
    }

    fn scratch(&self) -> PathBuf {
        self.workspace.target().join("interleaved")
    }

    /// Only with what listings are linked with: a listing that is run before all
    /// of them are built is compiled then.
    fn builder(&self) -> Result<Builder> {
        let package = self.workspace.package()?;
        let progress = Progress::begin("Building the listings' libraries");
        let mut tell = |step: runner::Progress| progress.step(step.done, step.total, &step.name);
        let root = &self.workspace.root;
        match runner::build_libraries_of_examples(root, &package, &mut tell) {
            Ok(libraries) => {
                progress.done();
                Ok(Builder::new(libraries, self.workspace.programs()))
            }
            Err(error) => {
                progress.failed();
                Err(error.into())
            }
        }
    }

    fn build_programs(&self, builder: &Builder) {
        let built = self.workspace.package().and_then(|package| {
            runner::build_examples(&self.workspace.root, &package, &mut |_| {})
                .map_err(anyhow::Error::from)
        });
        match built {
            Ok(built) => {
                if !built.rejected.is_empty() {
                    say(built.rejected.trim_end());
                    say(
                        "warning: these listings don't compile; the page says so when they are run",
                    );
                }
                built.adopt_into(builder);
                say("The listings are built: each runs at once.");
                warm_up(builder, built.sources.into_values());
            }
            Err(error) => say(format_args!("warning: the listings are not built: {error}")),
        }
    }

    fn look_alikes(&self) -> LookAlikes {
        let workspace = self.workspace.clone();
        LookAlikes::new(move |tell| {
            outcomes::prepare_and_tell(&workspace, tell).map_err(|error| {
                let words = format!("{error:#}");
                match words.split_once('\n') {
                    None => words,
                    Some((sentence, details)) => {
                        say(format_args!("{details}"));
                        format!("{sentence} The terminal says more.")
                    }
                }
            })
        })
    }

    /// The book's folder, and those outside of it that its `src` links to.
    fn folders(&self) -> Result<Vec<PathBuf>> {
        let workspace = &self.workspace;
        let book = workspace.book.canonicalize()?;
        let mut folders = vec![book.clone()];
        let config = build::read_config(&workspace.book)?;
        let own = mdbook_interleaved::explored(&workspace.book, &config)?;
        let own = own.map(|(listings, _)| listings.root().to_owned());
        let all = workspace.listings().ok();
        let all = all.map(|listings| listings.root().to_owned());
        for listings in own.into_iter().chain(all) {
            if let Ok(listings) = listings.canonicalize()
                && !folders.contains(&listings)
            {
                folders.push(listings);
            }
        }
        if !book.is_dir() {
            bail!("{} is not a folder", book.display());
        }
        Ok(folders)
    }

    /// What the explorer writes is served as it is. And of two servers, one of
    /// them older, each would for ever write its own scripts over the other's.
    fn retain_sources(&self, files: &mut BTreeSet<PathBuf>) {
        files.retain(|file| !self.made.iter().any(|folder| file.starts_with(folder)));
    }

    fn is_explored(&self) -> bool {
        true
    }

    fn changed(&self, files: &BTreeSet<PathBuf>, builder: &Builder) -> bool {
        build_changed(files, builder);
        files.iter().any(|file| is_listing(file))
    }

    fn explore(
        &self,
        prepare: &dyn Fn() -> Result<Modelled>,
        written: &mut dyn FnMut(String, Vec<u8>),
    ) -> Result<()> {
        build::tell_names(&self.workspace, written)?;
        build::explore(&self.workspace, prepare, written)
    }
}

/// Prepares the compiler for edited listings, while the reader reads.
fn warm_up(builder: &Builder, sources: impl Iterator<Item = String>) {
    let Some(longest) = sources.max_by_key(String::len) else {
        return;
    };
    let builder = builder.clone();
    let warm_up = move || builder.warm_up(&longest, &Stop::new());
    // Without a thread the first run is a little slower.
    let _ = thread::Builder::new().spawn(warm_up);
}

/// The folders into which the explorer and the preprocessor write, as the watcher
/// names them.
fn made(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let config = build::read_config(&workspace.book)?;
    let book = workspace.book.canonicalize()?;
    mdbook_interleaved::made_folders(&book, &config)
}

/// Builds the listings that changed, so that the next run of each doesn't wait
/// for the compiler. One that doesn't compile says so when it is run.
fn build_changed(paths: &BTreeSet<PathBuf>, builder: &Builder) {
    for path in paths.iter().filter(|path| is_listing(path)) {
        if let Ok(source) = fs::read_to_string(path)
            && let Code::Program(program) = Code::read(&source)
        {
            let _ = builder.build(&program.whole, &Stop::new());
        }
    }
}

fn is_listing(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
        && path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|name| name == "examples")
}
