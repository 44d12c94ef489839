//! The crates that a package's programs use and that nobody modelled: cargo builds
//! them as they are, and a program may use those that are known to be the same in every
//! run. The others are refused by name, with the line.

mod known;
mod tokens;

use crate::progress::LateProgress;
use known::known_as;
use runner::Libraries;
use runner::cargo::Crate;
use runner::crates::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
pub(crate) use tokens::File;

/// What a package depends on. Its clones share what was built.
#[derive(Clone, Debug)]
pub struct Dependencies(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    manifest: Manifest,
    folder: PathBuf,
    crates: OnceLock<Result<Vec<Crate>, String>>,
    built: Mutex<BTreeMap<BTreeSet<String>, BuiltOrNot>>,
}

/// What programs are linked with, or a sentence that says why it can't be built.
type BuiltOrNot = Result<Arc<Libraries>, String>;

impl Dependencies {
    /// Those of this package.
    pub fn new(manifest: Manifest) -> Dependencies {
        let folder = manifest.target_directory().join("outcomes");
        Dependencies(Arc::new(Shared {
            manifest,
            folder,
            crates: OnceLock::new(),
            built: Mutex::default(),
        }))
    }

    /// Whether a file of the package is a program's, or its library's: others don't have
    /// it among their modules.
    pub(crate) fn is_root(&self, file: &str) -> bool {
        self.0.manifest.is_root(Path::new(file))
    }

    fn crates(&self) -> Result<&[Crate], String> {
        let crates = self.0.crates.get_or_init(|| {
            let crates = self.0.manifest.linked_crates(&self.0.folder);
            crates.map_err(|error| error.to_string())
        });
        crates.as_deref().map_err(Clone::clone)
    }

    /// What source text calls those that it may name.
    ///
    /// # Errors
    /// Says in a sentence why cargo doesn't know them.
    pub(crate) fn names(&self) -> Result<BTreeSet<String>, String> {
        let crates = self.crates()?.iter();
        Ok(crates.flat_map(|it| it.linked_by.clone()).collect())
    }

    /// Why a program that names these can't be explored, as the end of a sentence, if
    /// there is a reason.
    ///
    /// # Errors
    /// Says in a sentence why cargo doesn't know them.
    pub(crate) fn refusal(
        &self,
        names: &BTreeSet<String>,
        program: &[File<'_>],
    ) -> Result<Option<String>, String> {
        for name in names {
            if let Some(reason) = self.refusal_of(name, program)? {
                return Ok(Some(reason));
            }
        }
        // What macros use is public, and any of it may be anything.
        let is_private = |name: &str| name.starts_with("__private");
        let named = tokens::first(program, is_private).filter(|_| !names.is_empty());
        Ok(named.map(|(name, at)| {
            format!("it uses what a crate has for its own macros only: do without `{name}` ({at})")
        }))
    }

    fn refusal_of(&self, name: &str, program: &[File<'_>]) -> Result<Option<String>, String> {
        let is_it = |it: &&Crate| it.names.iter().any(|it| it == name);
        let is_linked = |it: &&Crate| it.linked_by.iter().any(|it| it == name);
        let crates = self.crates()?.iter();
        let (own, others): (Vec<&Crate>, Vec<&Crate>) = crates.filter(is_linked).partition(is_it);
        for it in own.iter().chain(&others) {
            let known = match known_as(it) {
                Ok(known) => known,
                Err(why) => {
                    let through = match is_it(it) {
                        true => String::new(),
                        false => format!(", and with it `{}`", it.package),
                    };
                    return Ok(Some(format!(
                        "it uses the crate `{name}`{}{through}, which is not modelled and {why}: do \
                         without it in what you explore",
                        place(name, program)
                    )));
                }
            };
            let is_telling = |name: &str| known.telling.contains(&name);
            if let Some((method, at)) = tokens::first(program, is_telling) {
                return Ok(Some(format!(
                    "it uses the crate `{name}`{}, in which `{method}` can tell one run from \
                     another, since {}: do without it ({at})",
                    place(name, program),
                    known.by
                )));
            }
        }
        Ok(None)
    }

    /// Has cargo build some of them, unless that was done before.
    ///
    /// # Errors
    /// Says in a sentence why that can't be done.
    pub(crate) fn build(&self, names: &BTreeSet<String>) -> BuiltOrNot {
        let mut all = self.0.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = all.get(names) {
            return built.clone();
        }
        let mut progress = LateProgress::new("Building the crates that it uses");
        let Shared {
            manifest, folder, ..
        } = &*self.0;
        let built = manifest.build_dependencies(folder, names, &mut |step| {
            progress.step(step.fresh, step.done, step.total, &step.name);
        });
        progress.end(&built);
        let built = built.map(Arc::new).map_err(|error| error.to_string());
        all.insert(names.clone(), built.clone());
        built
    }
}

/// Where a program names something first, in brackets.
pub(crate) fn place(name: &str, program: &[File<'_>]) -> String {
    tokens::first(program, |it| it == name).map_or_else(String::new, |(_, at)| format!(" ({at})"))
}
