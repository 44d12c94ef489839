//! The files that a package's programs are made of besides their own: those that
//! `mod` names, and what `include_str!` and its like read.
//!
//! They are copied to where a compiler works, so that what it makes of them has no
//! path of this machine in it. It may read the package's folder, too, since a program
//! can name that by `env!("CARGO_MANIFEST_DIR")`.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How large a file may be, in bytes, that isn't Rust. A program that includes a
/// larger one doesn't compile.
const LARGEST: u64 = 1 << 20;

/// How much all of those may be, in bytes. What comes behind is left out.
const MOST: u64 = 16 << 20;

/// How much all of Rust may be, in bytes.
const MOST_RUST: u64 = 64 << 20;

/// Files by their paths in a package's folder. Its clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    folder: Option<PathBuf>,
    files: Arc<BTreeMap<PathBuf, Vec<u8>>>,
    fingerprint: u64,
}

impl Sources {
    /// Reads those of the package in a folder. What cargo builds, hidden files and
    /// other packages in it are none of them.
    ///
    /// # Errors
    /// When they can't be read, or there is too much Rust.
    pub fn read(package: &Path) -> io::Result<Sources> {
        let mut files = BTreeMap::new();
        // What isn't copied is known by when it was changed.
        let mut others = Vec::new();
        let (mut room, mut room_for_rust) = (MOST, MOST_RUST);
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries: io::Result<Vec<_>> = fs::read_dir(package.join(&folder))?.collect();
            let mut entries = entries?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let name = entry.file_name();
                let path = folder.join(&name);
                let is_hidden = name.as_encoded_bytes().starts_with(b".");
                if entry.file_type()?.is_dir() {
                    if !is_hidden && !is_apart(&entry.path()) {
                        folders.push(path);
                    }
                    continue;
                }
                // A link may lead nowhere.
                let Ok(metadata) = fs::metadata(entry.path()) else {
                    continue;
                };
                let length = metadata.len();
                if !metadata.is_file() {
                    continue;
                } else if is_hidden {
                    others.push((path, length, metadata.modified()?));
                    continue;
                } else if path.extension().is_some_and(|it| it == "rs") {
                    room_for_rust = room_for_rust.checked_sub(length).ok_or_else(|| {
                        io::Error::other(format!("there are more than {MOST_RUST} bytes"))
                    })?;
                } else if length <= LARGEST.min(room) {
                    room -= length;
                } else {
                    others.push((path, length, metadata.modified()?));
                    continue;
                }
                files.insert(path, fs::read(entry.path())?);
            }
        }
        let mut hasher = DefaultHasher::new();
        (&files, &others).hash(&mut hasher);
        Ok(Sources {
            folder: Some(std::path::absolute(package)?),
            files: Arc::new(files),
            fingerprint: hasher.finish(),
        })
    }

    /// The package's folder, if they are of one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The text of a file, by its path in the package's folder.
    pub fn text(&self, path: &str) -> Option<&str> {
        str::from_utf8(self.files.get(Path::new(path))?).ok()
    }

    /// Whether it has the file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(Path::new(path))
    }

    /// The texts of all that are Rust.
    pub fn rust(&self) -> impl Iterator<Item = &str> {
        let rust = |path: &Path| path.extension().is_some_and(|it| it == "rs");
        let files = self.files.iter().filter(move |(path, _)| rust(path));
        files.filter_map(|(_, bytes)| str::from_utf8(bytes).ok())
    }

    /// Differs when a file does.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn write_into(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in self.files.iter() {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, bytes)?;
        }
        Ok(())
    }
}

/// Whether a folder holds what isn't the package's: another one, or what was built.
fn is_apart(folder: &Path) -> bool {
    ["Cargo.toml", "CACHEDIR.TAG"]
        .iter()
        .any(|file| folder.join(file).exists())
}

/// The path of a file in a folder as text, if it is in there.
pub fn path_in(folder: &Path, file: &Path) -> Option<String> {
    let parts = file.strip_prefix(folder).ok()?.components();
    let parts: Option<Vec<&str>> = parts
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_without_what_is_built_hidden_or_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let large = "x".repeat(LARGEST as usize + 1);
        for (path, text) in [
            ("Cargo.toml", ""),
            ("src/main.rs", "mod deep;"),
            ("src/deep/mod.rs", "deep"),
            ("src/words.txt", "words"),
            ("src/large.rs", &large),
            ("large.bin", &large),
            (".git/config", ""),
            ("target/CACHEDIR.TAG", ""),
            ("target/built.rs", ""),
            ("member/Cargo.toml", ""),
            ("member/src/lib.rs", ""),
        ] {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let sources = Sources::read(folder.path()).unwrap();
        let paths: Vec<_> = sources
            .files
            .keys()
            .map(|it| it.to_str().unwrap())
            .collect();
        assert_eq!(
            paths,
            [
                "Cargo.toml",
                "src/deep/mod.rs",
                "src/large.rs",
                "src/main.rs",
                "src/words.txt"
            ]
        );
        assert_eq!(sources.text("src/deep/mod.rs"), Some("deep"));

        let same = Sources::read(folder.path()).unwrap();
        assert_eq!(sources.fingerprint(), same.fingerprint());
        fs::write(folder.path().join("src/words.txt"), "other words").unwrap();
        let other = Sources::read(folder.path()).unwrap();
        assert_ne!(sources.fingerprint(), other.fingerprint());
    }

    #[test]
    fn what_is_not_rust_has_its_room_and_rust_another() {
        let folder = tempfile::tempdir().unwrap();
        let large = "x".repeat(LARGEST as usize);
        for number in 10..30 {
            fs::write(folder.path().join(format!("{number}.bin")), &large).unwrap();
        }
        fs::write(folder.path().join("main.rs"), &large).unwrap();
        let sources = Sources::read(folder.path()).unwrap();
        let kept = sources.files.keys().map(|it| it.to_str().unwrap());
        let kept: Vec<_> = kept.collect();
        assert_eq!(kept.len() as u64, MOST / LARGEST + 1);
        assert!(kept.contains(&"25.bin") && !kept.contains(&"26.bin"));
        assert_eq!(sources.text("main.rs").map(str::len), Some(large.len()));
    }
}
