//! The folder in which a program runs: a fresh one, and gone afterwards.
//!
//! Both who starts the program and its supervisor hold a lock on it. One that
//! nobody holds a lock on was left behind by both, who were killed.

use crate::removal::remove_directory;
use rustix::fs::{AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags};
use std::env;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The names of these folders start so.
const PREFIX: &str = "interleaved-program-";

/// A file takes up this much at least, even where it is empty.
const SMALLEST: u64 = 16 << 10;

/// Folders within folders are looked at this far: so many files are open then.
const DEPTH: usize = 200;

/// A folder made for one run.
#[derive(Debug)]
pub(crate) struct RunFolder {
    folder: TempDir,
    _lock: Option<OwnedFd>,
}

impl RunFolder {
    pub(crate) fn make() -> io::Result<RunFolder> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let _lock = lock(folder.path());
        Ok(RunFolder { folder, _lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder to somebody else to remove.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

/// Locks a folder, together with others, until the file is closed.
pub(crate) fn lock(folder: &Path) -> Option<OwnedFd> {
    let file = open(folder).ok()?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).ok()?;
    Some(file)
}

fn open(folder: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, folder, flags, Mode::empty())
}

/// Removes the folders of programs that nobody runs any more, since whoever ran
/// them was killed. To be called when one starts to run programs.
pub fn remove_abandoned() {
    let entries = fs::read_dir(env::temp_dir());
    for entry in entries.into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        // Locked by somebody, or another user's.
        if let Ok(file) = open(&folder)
            && rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            remove_directory(&folder);
        }
    }
}

/// Whether all the files in a folder hold no more bytes together than this.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
pub(crate) fn is_within(folder: &Path, most: u64) -> bool {
    let Ok(top) = open(folder) else {
        return true;
    };
    let mut used = 0;
    let mut open_folders = vec![Dir::new(top)];
    while let Some(innermost) = open_folders.last_mut() {
        let entry = match innermost {
            Ok(folder) => folder.read(),
            Err(_) => None,
        };
        let Some(Ok(entry)) = entry else {
            open_folders.pop();
            continue;
        };
        let name = entry.file_name();
        let Ok(folder) = innermost else { continue };
        if name == c"." || name == c".." {
            continue;
        }
        let Ok(at) = folder.fd() else { continue };
        let Ok(stat) = rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        used += (stat.st_blocks as u64).saturating_mul(512).max(SMALLEST);
        if used > most {
            return false;
        }
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if is_folder && open_folders.len() < DEPTH {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            if let Some(Ok(folder)) = open_folders.last()
                && let Ok(at) = folder.fd()
                && let Ok(inner) = rustix::fs::openat(at, name, flags, Mode::empty())
            {
                open_folders.push(Dir::new(inner));
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_count() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        assert!(is_within(folder.path(), 2 * SMALLEST));
        for name in ["one", "two"] {
            fs::write(inner.join(name), vec![b'x'; 100_000]).unwrap();
        }
        assert!(is_within(folder.path(), 300_000));
        assert!(!is_within(folder.path(), 150_000));
        assert!(!is_within(folder.path(), SMALLEST));
    }

    #[test]
    fn a_folder_that_nobody_locks_is_removed() {
        let used = RunFolder::make().unwrap();
        let abandoned = RunFolder::make().unwrap().keep();
        remove_abandoned();
        assert!(used.path().exists());
        assert!(!abandoned.exists());
    }
}
