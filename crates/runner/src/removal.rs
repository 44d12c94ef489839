//! Removing a folder in which a program did what it liked.
//!
//! A program can nest folders deeper than any stack is (each of them a step of
//! recursion) and than any path is long, and take all permissions away. So
//! nothing here recurses, and no path is longer than one name: what is nested
//! is moved up into the top folder until nothing is.

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

/// Removes a directory and all in it, whatever its permissions were set to.
/// What resists is another user's, and stays.
pub(crate) fn remove_directory(directory: &Path) {
    remove_within(directory, Duration::MAX);
}

/// The same for at most about this long: a disk may take milliseconds for each
/// folder. Says whether that was enough to try everything.
pub(crate) fn remove_within(directory: &Path, at_most: Duration) -> bool {
    let started = Instant::now();
    let _ = rustix::fs::chmodat(CWD, directory, Mode::RWXU, AtFlags::empty());
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if let Ok(top) = rustix::fs::openat(CWD, directory, flags, Mode::empty()) {
        let mut top = Top { top, names: 0 };
        while top.flatten(&|| started.elapsed() > at_most) {
            if started.elapsed() > at_most {
                return false;
            }
        }
    }
    let _ = fs::remove_dir(directory);
    true
}

/// The folder that is to be emptied.
struct Top {
    top: OwnedFd,
    /// How many names were given to what was moved up.
    names: u64,
}

impl Top {
    /// Removes what can be, and moves up what is in the folders that can't yet.
    /// Says whether anything has changed: each change leaves less, or less deep.
    /// Stops early when it is late.
    fn flatten(&mut self, is_late: &impl Fn() -> bool) -> bool {
        let Ok(entries) = Dir::read_from(&self.top) else {
            return false;
        };
        let mut changed = false;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if !is_itself(name) {
                changed |= remove(&self.top, name) || self.lift(name);
            }
            if changed && is_late() {
                return true;
            }
        }
        changed
    }

    /// Removes a folder of the top one, with what is in it moved up.
    fn lift(&mut self, name: &CStr) -> bool {
        let Ok(folder) = open_up(&self.top, name) else {
            return false;
        };
        let Ok(entries) = Dir::read_from(&folder) else {
            return false;
        };
        let mut changed = false;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if !is_itself(name) {
                changed |= remove(&folder, name) || self.move_up(&folder, name);
            }
        }
        changed | remove(&self.top, name)
    }

    fn move_up(&mut self, folder: &OwnedFd, name: &CStr) -> bool {
        // To move a folder is to write its `..`.
        let _ = rustix::fs::chmodat(folder, name, Mode::RWXU, AtFlags::empty());
        loop {
            self.names += 1;
            let new = format!("removing-{}", self.names);
            match rustix::fs::renameat(folder, name, &self.top, new) {
                // The program had this name first.
                Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
                result => return result.is_ok(),
            }
        }
    }
}

fn open_up(folder: &OwnedFd, name: &CStr) -> rustix::io::Result<OwnedFd> {
    // Only folders come here, for all else could be removed: no link is followed.
    let _ = rustix::fs::chmodat(folder, name, Mode::RWXU, AtFlags::empty());
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty())
}

/// Removes a file or an empty folder; says whether it was one.
fn remove(folder: impl AsFd, name: &CStr) -> bool {
    rustix::fs::unlinkat(&folder, name, AtFlags::empty()).is_ok()
        || rustix::fs::unlinkat(&folder, name, AtFlags::REMOVEDIR).is_ok()
}

fn is_itself(name: &CStr) -> bool {
    name == c"." || name == c".."
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn nothing_is_left_and_links_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "").unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        fs::create_dir_all(folder.join("a/b/c")).unwrap();
        fs::create_dir_all(folder.join("removing-1/d")).unwrap();
        fs::write(folder.join("removing-2"), "").unwrap();
        fs::write(folder.join("a/b/file"), "").unwrap();
        symlink(outside.path(), folder.join("a/link")).unwrap();
        symlink(outside.path(), folder.join("link")).unwrap();
        for locked in ["a/b/c", "a/b", "a", "."] {
            let none = fs::Permissions::from_mode(0o000);
            fs::set_permissions(folder.join(locked), none).unwrap();
        }
        remove_directory(&folder);
        assert!(!folder.exists());
        assert!(outside.path().join("kept").exists());
    }

    /// On a stack that has no room for a step a folder, and deeper than a path
    /// is long.
    #[test]
    fn deep_folders_need_no_deep_stack() {
        let folder = tempfile::tempdir().unwrap().keep();
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut at = rustix::fs::openat(CWD, &folder, flags, Mode::empty()).unwrap();
        for _ in 0..1000 {
            rustix::fs::mkdirat(&at, "nested", Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "nested", flags, Mode::empty()).unwrap();
        }
        drop(at);
        let gone = folder.clone();
        let small = std::thread::Builder::new().stack_size(64 << 10);
        let removal = small.spawn(move || remove_directory(&folder)).unwrap();
        removal.join().unwrap();
        assert!(!gone.exists());
    }

    #[test]
    fn what_is_not_removed_in_time_is_said() {
        let folder = tempfile::tempdir().unwrap().keep();
        fs::create_dir_all(folder.join("a/b/c")).unwrap();
        assert!(!remove_within(&folder, Duration::ZERO));
        assert!(remove_within(&folder, Duration::MAX));
        assert!(!folder.exists());
    }

    #[test]
    fn what_is_no_folder_does_no_harm() {
        remove_directory(Path::new("/no/such/folder"));
    }
}
