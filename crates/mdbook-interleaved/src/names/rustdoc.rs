//! Runs rustdoc.

use anyhow::{Context, Result, anyhow, ensure};
use runner::Libraries;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where links to other crates lead: nowhere, so that they can be told from all
/// else.
pub(super) const ROOT: &str = "https://names.invalid/";

/// rustdoc, with the libraries of listings, and a folder that goes with it.
pub(super) struct Rustdoc<'a> {
    pub(super) libraries: &'a Libraries,
    folder: TempDir,
}

impl Rustdoc<'_> {
    pub(super) fn prepare(libraries: &Libraries) -> Result<Rustdoc<'_>> {
        let folder = tempfile::tempdir().context("cannot make a folder for rustdoc")?;
        let linked = libraries.link_into(&folder.path().join("libraries"));
        linked.context("cannot put libraries where rustdoc finds them")?;
        Ok(Rustdoc { libraries, folder })
    }

    /// A new folder for a crate.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).context("cannot make a folder for rustdoc")?;
        Ok(folder)
    }

    /// Documents the crate in a file, into the folder `out` beside it. Returns what
    /// rustdoc says of it, an error a line, which may be in parts of the crate only.
    pub(super) fn run(&self, file: &Path, edition: &str, linked: bool) -> Result<Vec<String>> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let libraries = self.libraries.clone().with_edition(edition);
        let mut command = libraries.rustdoc(&self.folder.path().join("libraries"));
        command
            .args(["-Zunstable-options", "--cap-lints=allow"])
            .args(["--error-format=short", "--color=never"])
            .arg("--extern-html-root-takes-precedence");
        if linked {
            command.args(["--generate-link-to-definition", "--document-private-items"]);
        }
        let own = ["std", "core", "alloc"].map(str::to_owned);
        for name in libraries.crates().iter().chain(&own) {
            let root = ROOT.trim_end_matches('/');
            command.arg(format!("--extern-html-root-url={name}={root}"));
        }
        command.arg(file).arg("--out-dir").arg(folder.join("out"));
        let said = command
            .output()
            .with_context(|| format!("cannot run {}", command.get_program().display()))?;
        let said_text = String::from_utf8_lossy(&said.stderr);
        let lines: Vec<String> = said_text.lines().map(str::to_owned).collect();
        ensure!(
            said.status.success() || folder.join("out").is_dir() || !lines.is_empty(),
            "rustdoc ended with {}",
            said.status
        );
        Ok(match said.status.success() {
            true => Vec::new(),
            false => lines,
        })
    }
}

/// Why a crate of ours has no pages.
pub(super) fn refused(said: &[String]) -> anyhow::Error {
    let why = said.iter().find(|line| line.contains("error"));
    match why {
        Some(why) => anyhow!("rustdoc refuses: {why}"),
        None => anyhow!("rustdoc makes no pages"),
    }
}

/// The page in which another crate's name is defined: what follows [`ROOT`].
pub(super) fn defined_at(address: &str) -> Option<&str> {
    address.strip_prefix(ROOT)
}
