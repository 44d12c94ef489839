//! One Jupyter notebook for each chapter, to run and to change.

use crate::build;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::io::{self, Write};
use std::path::PathBuf;

/// What `interleaved notebooks` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Where to write them [default: target/notebooks]
    #[arg(long, short, value_name = "DIR")]
    dest_dir: Option<PathBuf>,
}

/// Writes a notebook for each chapter, and says where they are.
///
/// # Errors
/// Says in one sentence what is wrong with the book.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let dest_dir = match &options.dest_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => workspace.target().join("notebooks"),
    };
    build::notebooks(&workspace.book, &dest_dir)?;
    let folder = dest_dir
        .canonicalize()
        .with_context(|| format!("cannot find {}", dest_dir.display()))?;
    // Nobody may be reading.
    let _ = writeln!(io::stdout(), "The notebooks are in {}", folder.display());
    Ok(())
}
