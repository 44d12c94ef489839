//! Programs in files, whoever wrote them: each is built against the originals
//! and run for real, and built against the look-alikes and asked whether it
//! can do what was seen.

use crate::real::{self, Runs, Seen};
use cargo_outcomes::{Modelled, NoAnswer};
use outcomes_engine::{Check, Checked, Membership, Request, Settings};
use runner::{Builder, Stop};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The package whose libraries the programs may use.
const PACKAGE: &str = "listings";

/// How long a program may run: one may wait for seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of a file.
#[derive(Clone, Debug)]
pub enum Found {
    /// Each of so many distinct outputs is possible.
    Possible(u64),
    /// These are not, by what is said of each.
    NotPossible(Vec<String>),
    /// It can't be said, for this reason.
    Unknown(String),
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Possible(seen) => write!(formatter, "{seen} outputs, each possible"),
            Found::NotPossible(complaints) => {
                write!(formatter, "NOT POSSIBLE: {}", complaints.join("\nand "))
            }
            Found::Unknown(reason) => write!(formatter, "not compared: {reason}"),
        }
    }
}

/// Builds programs both ways.
#[derive(Clone, Debug)]
pub struct Files {
    originals: Builder,
    modelled: Modelled,
}

impl Files {
    /// Has cargo build all libraries. Programs are built in this edition, or
    /// else in the listings'.
    ///
    /// # Errors
    /// If it can't.
    pub fn prepare(edition: Option<&str>) -> Result<Files, String> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modelled = Modelled::prepare(workspace, PACKAGE, &mut |_| {});
        let modelled = modelled.map_err(|error| error.to_string())?;
        let built = runner::build_examples(workspace, PACKAGE, &mut |_| {});
        let built = built.map_err(|error| error.to_string())?;
        let cache = modelled.folder().join("soak");
        let originals = Builder::new(built.libraries, cache);
        Ok(match edition {
            None => Files {
                originals,
                modelled,
            },
            Some(edition) => Files {
                originals: originals.with_edition(edition),
                modelled: modelled.with_edition(edition),
            },
        })
    }

    /// Runs a file's program, and asks for what was seen.
    pub fn compare(&self, file: &Path, runs: &Runs) -> Found {
        self.try_compare(file, runs).unwrap_or_else(Found::Unknown)
    }

    fn try_compare(&self, file: &Path, runs: &Runs) -> Result<Found, String> {
        let source = fs::read_to_string(file).map_err(|error| error.to_string())?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let built = self.originals.build_as(&name, &source, &Stop::new());
        let program = built.map_err(|error| error.to_string())?.program;
        // Refused programs need not be run.
        self.ask(&name, &source, &[])?;
        let seen = real::observe(&|| Command::new(&program), runs, PATIENCE)?;
        let seen: Vec<Seen> = seen.into_iter().collect();
        let answers = self.ask(&name, &source, &seen)?;
        let mut complaints = Vec::new();
        for (seen, answer) in seen.iter().zip(answers) {
            match answer {
                Checked::Known(Membership::Possible(_)) => {}
                // What it printed until it was stopped is a beginning.
                Checked::Known(Membership::NotPossible(why))
                    if seen.ending.is_none() && why.prefix == seen.text => {}
                Checked::Known(Membership::NotPossible(why)) => {
                    complaints.push(real::describe(seen, &why));
                }
                Checked::Unknown(_) => return Err("it is too big".to_owned()),
            }
        }
        Ok(if complaints.is_empty() {
            Found::Possible(seen.len() as u64)
        } else {
            Found::NotPossible(complaints)
        })
    }

    fn ask(&self, name: &str, source: &str, seen: &[Seen]) -> Result<Vec<Checked>, String> {
        let checks = seen.iter().map(|seen| Check {
            text: seen.text.clone(),
            ending: seen.ending.clone(),
        });
        let request = Request {
            settings: Settings::default(),
            checks: checks.collect(),
            ..Request::default()
        };
        let answer = self
            .modelled
            .ask(name, source, &request, &mut |_| {}, &Stop::new());
        let answer = answer.map_err(|no: NoAnswer| no.to_string())?;
        Ok(answer.checked)
    }
}

/// The `.rs` files among these, and in those of them that are folders.
///
/// # Errors
/// If one can't be read.
pub fn among(paths: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        let cannot = |error| format!("Cannot read {path}: {error}.");
        if !Path::new(path).is_dir() {
            files.push(PathBuf::from(path));
            continue;
        }
        let start = files.len();
        for entry in fs::read_dir(path).map_err(cannot)? {
            let file = entry.map_err(cannot)?.path();
            if file.extension().is_some_and(|extension| extension == "rs") {
                files.push(file);
            }
        }
        files[start..].sort();
    }
    Ok(files)
}
