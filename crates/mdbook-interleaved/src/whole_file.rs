//! Writes files that others may be reading: they get the old one or the new one.

use std::fs;
use std::io::Result;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// How the extension of a file begins that isn't whole yet.
pub(crate) const BEGUN: &str = "new-";

/// Writes a file, unless it holds that already: what `mdbook watch` sees change, it
/// builds again.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    // Nobody else's, in this process or another.
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let new = file.with_extension(format!("{BEGUN}{}-{number}", process::id()));
    let written = fs::write(&new, bytes).and_then(|()| fs::rename(&new, file));
    if written.is_err() {
        // It may not even be there.
        let _ = fs::remove_file(new);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::{io, thread};

    #[test]
    fn who_reads_the_old_one_reads_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.json");
        write(&file, b"old").unwrap();
        let old = fs::File::open(&file).unwrap();
        write(&file, b"another").unwrap();
        assert_eq!(io::read_to_string(old).unwrap(), "old");
        assert_eq!(fs::read(&file).unwrap(), b"another");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn several_can_write_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.json");
        let texts = ["one", "another"];
        let together = Barrier::new(2);
        let write_many = || {
            together.wait();
            for text in texts.into_iter().cycle().take(2000) {
                write(&file, text.as_bytes()).unwrap();
            }
        };
        thread::scope(|scope| {
            scope.spawn(write_many);
            write_many();
        });
        let left = fs::read_to_string(&file).unwrap();
        assert!(texts.contains(&left.as_str()), "{left}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_can_not_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // A folder has its name.
        fs::create_dir(folder.path().join("data.json")).unwrap();
        assert!(write(&folder.path().join("data.json"), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
