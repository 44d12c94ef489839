//! A book that anyone wrote: where it is, and what its programs are built with.

use crate::site;
use crate::{Settings, edition_of};
use anyhow::{Context, Result, bail, ensure};
use cargo_outcomes::progress::LateProgress;
use cargo_outcomes::{Modelled, is_original, packages};
use mdbook_driver::config::Config;
use runner::Builder;
use runner::crates::Manifest;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The edition of which a book's code is that says nothing of it. rustc and mdBook
/// take the very first then, in which hardly anyone writes any more.
const EDITION: &str = "2021";

/// A book.
pub(super) struct Somebodys {
    /// Holds `book.toml`.
    pub(super) folder: PathBuf,
    /// The package whose crates its programs may use, if it names one.
    pub(super) manifest: Option<Manifest>,
    /// Where what is made for it is kept.
    pub(super) cache: PathBuf,
    /// That of programs which name no other.
    pub(super) edition: String,
}

/// How a book's programs are explored.
pub(super) struct Explored {
    /// That of programs which name no other.
    edition: String,
    /// The crates that they may use, as code and as cargo calls them.
    crates: Vec<(String, String)>,
}

impl Explored {
    /// The look-alikes that they are built with, which cargo builds first. An error
    /// is a sentence.
    ///
    /// # Errors
    /// When they can't be built.
    pub(super) fn modelled(
        &self,
        tell: &mut dyn FnMut(runner::Progress),
    ) -> Result<Modelled, String> {
        let mut progress = LateProgress::new("Building what explores programs");
        let built = Modelled::brought_along(&mut |step| {
            progress.step(step.fresh, step.done, step.total, &step.name);
            tell(step);
        });
        progress.end(&built);
        let crates = self.crates.iter();
        let crates: Vec<(&str, &str)> = crates
            .map(|(name, package)| (name.as_str(), package.as_str()))
            .collect();
        Ok(built?.only_with(&crates).with_edition(&self.edition))
    }
}

impl Somebodys {
    /// The book in a folder.
    ///
    /// # Errors
    /// Says what is wrong with its `book.toml`, or with the manifest that it names.
    pub(super) fn find(folder: &Path) -> Result<Somebodys> {
        let Ok(folder) = folder.canonicalize() else {
            bail!("there is no folder {}", folder.display());
        };
        ensure!(
            folder.join("book.toml").is_file(),
            "there is no book.toml in {}: go to the book's folder, or name it",
            folder.display()
        );
        let config = site::read_config(&folder)?;
        let settings = Settings::of(&config)?;
        let manifest = match &settings.manifest {
            Some(file) => Some(Manifest::read(&folder.join(file)).context("book.toml: manifest")?),
            None => None,
        };
        let edition = edition_of(&config).map(str::to_owned);
        let edition = edition.or_else(|| Some(manifest.as_ref()?.edition().to_owned()));
        // Where cargo finds the configuration of the workspace, too.
        let cache = match &manifest {
            Some(manifest) => manifest.target_directory().join("interleaved"),
            None => packages::cache().map_err(anyhow::Error::msg)?,
        };
        Ok(Somebodys {
            manifest,
            cache,
            edition: edition.unwrap_or_else(|| EDITION.to_owned()),
            folder,
        })
    }

    /// What `book.toml` says now, for pages alone: whatever else is made of the book
    /// is not needed here.
    pub(super) fn config(&self) -> Result<Config> {
        let mut config = site::read_config(&self.folder)?;
        let html: toml::Value = config
            .get("output.html")
            .context("book.toml: [output.html] can't be read")?
            .unwrap_or_else(|| toml::Table::new().into());
        let only = toml::Table::from_iter([("html".to_owned(), html)]);
        config.set("output", only)?;
        Ok(config)
    }

    /// A folder for this book alone.
    pub(super) fn own(&self) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        self.folder.hash(&mut hasher);
        self.cache.join(format!("book-{:016x}", hasher.finish()))
    }

    /// How its programs are explored.
    pub(super) fn explored(&self) -> Explored {
        let manifest = self.manifest.iter();
        let crates = manifest.flat_map(|it| it.dependencies_known_by(is_original));
        Explored {
            edition: self.edition.clone(),
            crates: crates
                .map(|(name, package)| (name.to_owned(), package.to_owned()))
                .collect(),
        }
    }

    /// What its programs are built with, which cargo builds first.
    ///
    /// # Errors
    /// Says what cargo could not build.
    pub(super) fn builder(&self) -> Result<Builder> {
        let libraries = match &self.manifest {
            None => runner::cargo::std_alone(&self.folder, &self.edition)?,
            Some(manifest) => {
                let mut progress = LateProgress::new("Building the crates that the book uses");
                let built = manifest.build(&self.cache, &mut |step| {
                    progress.step(step.fresh, step.done, step.total, &step.name);
                });
                progress.end(&built);
                built?.with_edition(&self.edition)
            }
        };
        Ok(Builder::new(libraries, self.cache.join("programs")))
    }
}
