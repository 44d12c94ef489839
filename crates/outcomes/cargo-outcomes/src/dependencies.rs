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
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
pub(crate) use tokens::File;
use tokens::Place;

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

    /// Whether the manifest has one of that name, as far as can be told without cargo.
    pub(crate) fn may_have(&self, name: &str) -> bool {
        let mut packages = self.0.manifest.dependencies();
        packages.any(|package| package.replace('-', "_") == name)
    }

    /// Why a program can't be explored that uses these, whatever of them, as the end of
    /// a sentence, if there is a reason.
    ///
    /// # Errors
    /// Says in a sentence why cargo doesn't know them.
    pub(crate) fn unknown(
        &self,
        names: &BTreeSet<String>,
        program: &[File<'_>],
    ) -> Result<Option<String>, String> {
        for name in names {
            for it in self.linked_by(name)? {
                let Err(why) = known_as(it) else { continue };
                let package = &it.package;
                let called = match it.names.contains(name) {
                    true if package.replace('-', "_") == *name => String::new(),
                    true => format!(", the package `{package}`"),
                    false => format!(", and with it `{package}`"),
                };
                return Ok(Some(format!(
                    "it uses the crate `{name}`{}{called}, which is not modelled and {why}: do \
                     without it in what you explore",
                    place(name, program)
                )));
            }
        }
        Ok(None)
    }

    /// Why a program of these files can't be explored that uses these crates, each of
    /// which is known.
    ///
    /// # Errors
    /// Says in a sentence why cargo doesn't know them.
    pub(crate) fn telling(
        &self,
        names: &BTreeSet<String>,
        program: &[File<'_>],
    ) -> Result<Option<String>, String> {
        for name in names {
            for known in self
                .linked_by(name)?
                .into_iter()
                .filter_map(|it| known_as(it).ok())
            {
                let is_telling =
                    |name: &str, place: Place| place != Place::Own && known.telling.contains(&name);
                if let Some((method, at)) = tokens::first(program, is_telling) {
                    return Ok(Some(format!(
                        "it uses the crate `{name}`{}, in which `{method}` can tell one run from \
                         another, since {}: do without it ({at})",
                        place(name, program),
                        known.by
                    )));
                }
            }
        }
        // What macros use is public, and any of it may be anything.
        let is_private = |name: &str, _| name.starts_with("__private");
        let named = tokens::first(program, is_private).filter(|_| !names.is_empty());
        Ok(named.map(|(name, at)| {
            format!("it uses what a crate has for its own macros only: do without `{name}` ({at})")
        }))
    }

    /// What is linked with a program that names this, itself first.
    fn linked_by(&self, name: &str) -> Result<Vec<&Crate>, String> {
        let is_it = |it: &&Crate| it.names.iter().any(|it| it == name);
        let is_linked = |it: &&Crate| it.linked_by.iter().any(|it| it == name);
        let crates = self.crates()?.iter();
        let (mut own, others): (Vec<_>, Vec<_>) = crates.filter(is_linked).partition(is_it);
        own.extend(others);
        Ok(own)
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
    let named = tokens::first(program, |it, _| it == name);
    named.map_or_else(String::new, |(_, at)| format!(" ({at})"))
}

/// Where a macro first writes `unsafe` code, which no lint finds where another crate
/// uses the macro.
pub(crate) fn unsafe_in_macros(library: &[File<'_>]) -> Option<String> {
    let is_unsafe = |name: &str, place: Place| name == "unsafe" && place == Place::Macro;
    tokens::first(library, is_unsafe).map(|(_, at)| at)
}
