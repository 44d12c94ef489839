//! Where things are: the workspace and the book in it.

use crate::build;
use anyhow::{Context, Result, bail};
use mdbook_interleaved::listings::Listings;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The package that holds our own book's listings, and what programs may use of a
/// book that has none.
const LISTINGS: &str = "listings";

/// The folders that the command works in.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Holds the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Holds `book.toml`.
    pub book: PathBuf,
}

impl Workspace {
    /// Finds the workspace that the current folder is in, and its book, unless
    /// that is given. A book outside of any workspace uses the libraries of
    /// the one that the current folder is in.
    ///
    /// # Errors
    /// Says what was looked for and where.
    pub fn find(book: Option<&Path>) -> Result<Workspace> {
        let here = env::current_dir().context("cannot tell which folder this is")?;
        let root = workspace_above(&here);
        let Some(book) = book else {
            let Some(root) = root.filter(|root| root.join("book/book.toml").is_file()) else {
                bail!(
                    "there is no book here: go to the folder that you cloned, \
                     or name the book's folder with --book"
                );
            };
            let book = root.join("book");
            return Ok(Workspace { root, book });
        };
        let book = book
            .canonicalize()
            .ok()
            .filter(|book| book.join("book.toml").is_file())
            .with_context(|| format!("there is no book.toml in {}", book.display()))?;
        let Some(root) = workspace_above(&book).or(root) else {
            bail!(
                "neither {} nor the current folder is in a Cargo workspace, \
                 so there is nothing to build its listings with",
                book.display()
            );
        };
        Ok(Workspace { root, book })
    }

    /// The book's listings, from where its `book.toml` says they are.
    ///
    /// # Errors
    /// When that or `listings.toml` can't be read.
    pub fn listings(&self) -> Result<Listings> {
        mdbook_interleaved::listings(&self.book, &build::read_config(&self.book)?)
    }

    /// The name of the package that holds the listings: its examples are programs of
    /// the book.
    ///
    /// # Errors
    /// Says where it was looked for.
    pub fn package(&self) -> Result<String> {
        let listings = self.listings()?;
        let manifest = listings.root().join("Cargo.toml");
        if !listings.root().as_os_str().is_empty() && manifest.is_file() {
            return package_in(&manifest).with_context(|| format!("in {}", manifest.display()));
        }
        if self.root.join("crates").join(LISTINGS).is_dir() {
            return Ok(LISTINGS.to_owned());
        }
        bail!(
            "there are no listings here: name their folder in book.toml, by `listings = \"…\"` \
             below [preprocessor.interleaved]; it is that of a package whose examples they are"
        )
    }

    /// Where built things go.
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// Where built programs are kept from one run of the command to the next.
    pub fn programs(&self) -> PathBuf {
        self.target().join("interleaved/programs")
    }
}

/// The nearest folder, from this one upwards, that is a Cargo workspace; or else a
/// package, which is one of its own.
fn workspace_above(folder: &Path) -> Option<PathBuf> {
    let has = |folder: &Path, table: &str| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == table))
    };
    let nearest = |table| folder.ancestors().find(|folder| has(folder, table));
    let folder = nearest("[workspace]").or_else(|| nearest("[package]"));
    folder.map(Path::to_path_buf)
}

/// The name of a manifest's package.
fn package_in(manifest: &Path) -> Result<String> {
    let table: toml::Table = fs::read_to_string(manifest)?.parse()?;
    let name = table.get("package").and_then(|package| package.get("name"));
    let name = name.and_then(toml::Value::as_str);
    Ok(name.context("there is no package's name")?.to_owned())
}
