//! Checks the book: that every listing does what the registry, the recorded
//! outputs and the chapters say, and that the chapters say it of all of them.
//!
//! A check goes on after what doesn't hold, and says all of it, each in a
//! sentence that says what to do.

mod broken;
mod chapters;
mod exercises;
mod findings;
mod glossary;
mod links;
mod outcomes;
mod phrasebook;
mod quizzes;
mod registry;
mod runs;
mod typed_figures;

use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::{Result, bail, ensure};
use cargo_outcomes::Modelled;
use mdbook_interleaved::listings::Listings;
pub(crate) use outcomes::why_unexplored;
pub(crate) use runs::check_record;
use std::io::{self, Write};
use std::sync::Arc;

/// What `interleaved test` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// A listing, with all that is said of it; a chapter; or a part of the
    /// names of checks [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// One thing that must hold.
pub struct Check {
    /// What it is about: `listing two-threads`.
    pub name: String,
    holds: Box<dyn Fn() -> Result<()> + Send + Sync>,
}

impl Check {
    fn new(name: String, holds: impl Fn() -> Result<()> + Send + Sync + 'static) -> Check {
        Check {
            name,
            holds: Box::new(holds),
        }
    }

    /// Checks it.
    ///
    /// # Errors
    /// Says what doesn't hold, and where.
    pub fn run(&self) -> Result<()> {
        (self.holds)()
    }
}

/// Checks the book, and says what doesn't hold.
///
/// # Errors
/// When anything doesn't hold, or no check has such a name.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let listings = workspace.listings()?;
    for name in &options.names {
        if let (Err(_), Some(file)) = (listings.get(name), program_of(&listings, name)) {
            bail!(
                "{file} isn't in listings.toml yet: `cargo run -- add {name}` puts it there, once \
                 a chapter shows it (or with --chapter)"
            );
        }
    }
    let mut checks = checks(workspace)?;
    for name in &options.names {
        ensure!(
            checks.iter().any(|check| is_about(check, name, &listings)),
            "no check's name contains {name:?}: a listing or chapter has one, and \
             \"registry\" and \"links\" are of the whole book"
        );
    }
    checks.retain(|check| {
        let mut names = options.names.iter();
        options.names.is_empty() || names.any(|name| is_about(check, name, &listings))
    });
    let total = checks.len();
    let mut failures = 0;
    for (number, check) in checks.iter().enumerate() {
        print!("[{}/{total}] {} … ", number + 1, check.name);
        io::stdout().flush()?;
        match check.run() {
            Ok(()) => println!("ok"),
            Err(error) => {
                failures += 1;
                println!(
                    "FAILED\n    {}",
                    format!("{error:#}").replace('\n', "\n    ")
                );
            }
        }
    }
    ensure!(failures == 0, "{failures} of {total} checks failed");
    Ok(())
}

/// The file of a program in the listings' folders, whether it is a listing or
/// not.
fn program_of(listings: &Listings, name: &str) -> Option<String> {
    let file = |folder: &str| format!("{folder}/{name}.rs");
    let mut files = ["examples", "broken"].map(file).into_iter();
    files.find(|file| listings.root().join(file).is_file())
}

/// Whether a check belongs to what is asked for. To a listing belongs what is
/// checked of all of them at once, and of its chapter.
fn is_about(check: &Check, asked: &str, listings: &Listings) -> bool {
    let Ok(listing) = listings.get(asked) else {
        return check.name.contains(asked);
    };
    let (kind, name) = check.name.split_once(' ').unwrap_or((&check.name, ""));
    match kind {
        "registry" | "links" => true,
        "chapter" => name == listing.chapter,
        _ => name == asked,
    }
}

/// Everything that must hold of the book. Builds the listings first.
///
/// # Errors
/// When there is nothing to check, since the listings can't be built or read.
pub fn checks(workspace: &Workspace) -> Result<Vec<Check>> {
    let programs = Arc::new(Programs::build(workspace)?);
    let modelled = Arc::new(crate::outcomes::prepare(workspace)?);
    let chapters = Arc::new(crate::chapters::read(&workspace.book)?);
    let workspace = Arc::new(workspace.clone());
    let linked = Arc::new(chapters::link(&workspace, &programs.built.libraries)?);
    let mut checks = Vec::new();

    let (all, whole, house) = (
        Arc::clone(&programs),
        Arc::clone(&chapters),
        Arc::clone(&workspace),
    );
    checks.push(Check::new("registry".to_owned(), move || {
        registry::check(&house, &all.listings, &whole)
    }));
    for (name, listing) in programs.listings.iter() {
        let mut add = |kind: &str, holds: fn(&Programs, &Modelled, &str) -> Result<()>| {
            let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
            let name = name.to_owned();
            checks.push(Check::new(format!("{kind} {name}"), move || {
                holds(&programs, &modelled, &name)
            }));
        };
        if listing.is_broken() {
            add("broken", |programs, _, name| broken::check(programs, name));
            continue;
        }
        if listing.is_explorable() {
            add("outcomes", outcomes::check);
        } else {
            add("unexplored", outcomes::check_unexplored);
        }
        add("listing", runs::check);
    }
    for chapter in chapters.iter().cloned() {
        for (name, quiz) in programs.listings.quizzes(&chapter.name)? {
            let (programs, modelled) = (Arc::clone(&programs), Arc::clone(&modelled));
            let chapter = chapter.clone();
            checks.push(Check::new(format!("quiz {name}"), move || {
                quizzes::check(&programs, &modelled, &chapter, &name, &quiz)
            }));
        }
        let (programs, workspace) = (Arc::clone(&programs), Arc::clone(&workspace));
        let (modelled, linked) = (Arc::clone(&modelled), Arc::clone(&linked));
        let name = format!("chapter {}", chapter.name);
        checks.push(Check::new(name, move || {
            chapters::check(&chapter, &programs.listings)?;
            exercises::check(&chapter, &programs, &modelled)?;
            typed_figures::check(&chapter)?;
            chapters::test_with_mdbook(&chapter, &workspace, &linked)
        }));
    }
    if let Some(glossary) = chapters.iter().find(|it| glossary::is_glossary(it)) {
        let (glossary, chapters) = (glossary.clone(), Arc::clone(&chapters));
        checks.push(Check::new("glossary".to_owned(), move || {
            glossary::check(&glossary, &chapters)
        }));
    }
    if let Some(phrasebook) = chapters.iter().find(|it| phrasebook::is_phrasebook(it)) {
        let phrasebook = phrasebook.clone();
        checks.push(Check::new("phrasebook".to_owned(), move || {
            phrasebook::check(&phrasebook)
        }));
    }
    checks.push(Check::new("links".to_owned(), move || {
        links::check(&workspace)
    }));
    Ok(checks)
}
