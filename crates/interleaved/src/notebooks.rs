//! One Jupyter notebook for each chapter, to run and to change.
//!
//! What a reader has changed in one is his: it is only replaced if he says so.

use crate::build;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What `interleaved notebooks` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Where to write them [default: target/notebooks]
    #[arg(long, short, value_name = "DIR")]
    dest_dir: Option<PathBuf>,

    /// Replace notebooks that you have changed
    #[arg(long)]
    force: bool,
}

/// Writes a notebook for each chapter, and says where they are. One that is
/// there already and has the same cells is left as it is, outputs and all.
///
/// # Errors
/// Says in one sentence what is wrong with the book, or which notebook has
/// cells that would be lost; then nothing is written.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let dest_dir = match &options.dest_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => workspace.target().join("notebooks"),
    };
    let made = tempfile::tempdir().context("cannot make a temporary folder")?;
    build::notebooks(&workspace.book, made.path())?;
    let mut replaced = Vec::new();
    let mut wanted = Vec::new();
    for file in files_below(made.path())? {
        let (from, to) = (made.path().join(&file), dest_dir.join(&file));
        match fs::read_to_string(&to) {
            Ok(there) if cells(&there).is_some_and(|it| Some(it) == read_cells(&from)) => continue,
            Ok(_) => replaced.push(to.clone()),
            Err(_) => {}
        }
        wanted.push((from, to));
    }
    if let Some(first) = replaced.first().filter(|_| !options.force) {
        let others = match replaced.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        bail!(
            "{}{others} is not as the book has it: to keep what is there, name another folder \
             with --dest-dir; to replace it, say --force",
            first.display()
        );
    }
    for (from, to) in &wanted {
        copy(from, to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    let folder = dest_dir
        .canonicalize()
        .with_context(|| format!("cannot find {}", dest_dir.display()))?;
    // Nobody may be reading.
    let _ = writeln!(io::stdout(), "The notebooks are in {}", folder.display());
    Ok(())
}

/// Every file below a folder, relative to it.
fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut unvisited = vec![root.to_owned()];
    while let Some(folder) = unvisited.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => unvisited.push(path),
                false => files.push(path.strip_prefix(root)?.to_owned()),
            }
        }
    }
    files.sort();
    Ok(files)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, fs::read(from)?)
}

fn read_cells(file: &Path) -> Option<Vec<(String, String)>> {
    cells(&fs::read_to_string(file).ok()?)
}

/// The type of each cell of a notebook and what its author wrote there. `None`
/// if it is no notebook.
fn cells(notebook: &str) -> Option<Vec<(String, String)>> {
    let notebook: Value = serde_json::from_str(notebook).ok()?;
    let cells = notebook["cells"].as_array()?.iter();
    cells
        .map(|cell| {
            let source = match &cell["source"] {
                Value::String(text) => text.clone(),
                lines => lines.as_array()?.iter().filter_map(Value::as_str).collect(),
            };
            Some((cell["cell_type"].as_str()?.to_owned(), source))
        })
        .collect()
}
