//! Noticing that a chapter or a listing has changed.

use anyhow::{Context, Result};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Editors and git write several files, or one several times: wait until it
/// has been quiet for this long.
const QUIET: Duration = Duration::from_millis(100);

/// Calls back, from a thread of its own, when files in these folders have
/// changed, with their paths. Stops when the returned watcher is dropped.
///
/// # Errors
/// Says which folder can't be watched.
pub(crate) fn watch(
    folders: &[PathBuf],
    mut changed: impl FnMut(BTreeSet<PathBuf>) + Send + 'static,
) -> Result<RecommendedWatcher> {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        // Nobody listens any more: the command is ending.
        let _ = sender.send(event);
    })
    .context("cannot watch files for changes")?;
    for folder in folders {
        watcher
            .watch(folder, RecursiveMode::Recursive)
            .with_context(|| format!("cannot watch {} for changes", folder.display()))?;
    }
    thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || {
            while let Ok(first) = events.recv() {
                let mut paths = BTreeSet::from_iter(self::paths(first));
                loop {
                    match events.recv_timeout(QUIET) {
                        Ok(event) => paths.extend(self::paths(event)),
                        Err(RecvTimeoutError::Timeout) => break,
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
                if !paths.is_empty() {
                    changed(paths);
                }
            }
        })
        .context("cannot start a thread")?;
    Ok(watcher)
}

fn paths(event: notify::Result<Event>) -> Vec<PathBuf> {
    let Ok(event) = event else {
        return Vec::new();
    };
    if matches!(event.kind, EventKind::Access(_)) {
        return Vec::new();
    }
    let mut paths = event.paths;
    paths.retain(|path| !is_editors_own(path));
    paths
}

/// Swap files and backups.
fn is_editors_own(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.starts_with('#') || name.ends_with('~') || name == "4913"
}
