//! Runs rustdoc.

use anyhow::{Context, Result, anyhow, bail};
use runner::Libraries;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where links to other crates lead: nowhere, so that they can be told from all
/// else.
pub(super) const ROOT: &str = "https://names.invalid/";

/// For how long it may run: a hundred times as long as it needs for this book.
const TIME: Duration = Duration::from_secs(300);

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The names of the folders start so in which rustdoc works.
const PREFIX: &str = "rustdoc-";

/// After that time nobody works in one any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// rustdoc, with the libraries of listings, and a folder that goes with it.
pub(super) struct Rustdoc<'a> {
    pub(super) libraries: &'a Libraries,
    folder: TempDir,
}

impl Rustdoc<'_> {
    /// In a folder of its own below this one. Whoever is killed leaves it there, so
    /// that it lies beside what is built, and those who come later remove it.
    pub(super) fn prepare<'a>(libraries: &'a Libraries, below: &Path) -> Result<Rustdoc<'a>> {
        remove_abandoned(below);
        let folder = fs::create_dir_all(below)
            .and_then(|()| tempfile::Builder::new().prefix(PREFIX).tempdir_in(below));
        let folder = folder.context("cannot make a folder for rustdoc")?;
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
        // What it writes beside, if it breaks, is nothing for the book's folder.
        command.current_dir(folder);
        let (status, said) = ended(command)?;
        let lines: Vec<String> = said.lines().map(str::to_owned).collect();
        match status.success() {
            true => Ok(Vec::new()),
            // Of a part of the crate, as it says.
            false if status.code() == Some(1) && !lines.is_empty() => Ok(lines),
            false => bail!("rustdoc did not finish: {status}"),
        }
    }
}

fn remove_abandoned(below: &Path) {
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|it| it.modified());
        let age = age.ok().and_then(|it| it.elapsed().ok());
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_one && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// How a command ends, and what it says on standard error. One that takes too long is
/// killed.
fn ended(mut command: Command) -> Result<(ExitStatus, String)> {
    let cannot = "cannot run the toolchain's rustdoc";
    let mut running = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context(cannot)?;
    let said = running.stderr.take();
    let said = thread::spawn(move || {
        let mut bytes = Vec::new();
        // What is cut off was said to nobody.
        let _ = said.map(|mut said| said.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = running.try_wait().context(cannot)? {
            break status;
        }
        if started.elapsed() > TIME {
            let _ = running.kill();
            let _ = running.wait();
            bail!("rustdoc takes more than {} seconds", TIME.as_secs());
        }
        thread::sleep(LOOK);
    };
    Ok((status, said.join().unwrap_or_default()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn what_was_abandoned_is_removed() {
        let below = tempfile::tempdir().unwrap();
        let folder = |name: &str, age: u64| {
            let folder = below.path().join(name);
            fs::create_dir(&folder).unwrap();
            let then = SystemTime::now() - Duration::from_secs(age);
            fs::File::open(&folder).unwrap().set_modified(then).unwrap();
            folder
        };
        let abandoned = folder("rustdoc-a", 4000);
        let kept = [folder("rustdoc-b", 10), folder("other", 4000)];
        remove_abandoned(below.path());
        assert!(!abandoned.exists());
        assert!(kept.iter().all(|it| it.exists()));
    }
}
