//! Where things are: the workspace and the book in it.

use crate::build;
use anyhow::{Context, Result, bail};
use mdbook_interleaved::listings::Listings;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The package that holds the book's listings.
pub const LISTINGS: &str = "listings";

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

/// The nearest folder, from this one upwards, that is a Cargo workspace.
fn workspace_above(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|folder| {
            fs::read_to_string(folder.join("Cargo.toml"))
                .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
        })
        .map(Path::to_path_buf)
}
