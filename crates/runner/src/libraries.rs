//! The libraries that programs are linked with: exactly those that cargo built.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// The editions of Rust that programs can be written in.
pub const EDITIONS: [&str; 4] = ["2015", "2018", "2021", "2024"];

/// The edition that is called so.
///
/// # Errors
/// Says in the end of a sentence that there is none.
pub fn edition(name: &str) -> Result<&'static str, String> {
    let known = EDITIONS.into_iter().find(|edition| *edition == name);
    known.ok_or_else(|| {
        let [others @ .., last] = &EDITIONS;
        format!(
            "an edition is {} or {last}, and {name:?} is none",
            others.join(", ")
        )
    })
}

/// A compiler, and the libraries that it built, as cargo reported them.
#[derive(Clone, Debug)]
pub struct Libraries {
    pub(crate) rustc: PathBuf,
    /// What `rustc -vV` says.
    pub(crate) version: String,
    pub(crate) edition: String,
    /// The direct dependencies: the name that source text uses, and the file.
    pub(crate) direct: Vec<(String, PathBuf)>,
    /// Those and what they depend on in turn, one file a crate.
    pub(crate) all: BTreeSet<PathBuf>,
    /// The folders of their sources.
    pub(crate) sources: BTreeSet<PathBuf>,
    /// Folders of this machine that a reader needn't see: those that hold the
    /// libraries' folders.
    pub(crate) folders: BTreeSet<PathBuf>,
}

impl Libraries {
    /// The first line of what `rustc --version` says.
    pub fn rustc_version(&self) -> &str {
        self.version.lines().next().unwrap_or_default()
    }

    /// A compiler without any libraries but its own.
    pub(crate) fn none(rustc: PathBuf, version: String, edition: &str) -> Libraries {
        Libraries {
            rustc,
            version,
            edition: edition.to_owned(),
            direct: Vec::new(),
            all: BTreeSet::new(),
            sources: BTreeSet::new(),
            folders: BTreeSet::new(),
        }
    }

    /// Whether the compiler takes `#![feature]`.
    pub(crate) fn is_nightly(&self) -> bool {
        let release = self
            .version
            .lines()
            .find_map(|line| line.strip_prefix("release: "));
        release.is_some_and(|it| it.ends_with("-nightly") || it.ends_with("-dev"))
    }

    /// Where the standard library's source is on this machine, if it is, and
    /// what rustc calls that where it isn't.
    pub(crate) fn std_source(&self) -> Option<(String, String)> {
        let commit = self
            .version
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "))?;
        let sysroot = self.rustc.parent()?.parent()?;
        let source = sysroot.join("lib/rustlib/src/rust");
        Some((
            format!("{}/", source.display()),
            format!("/rustc/{commit}/"),
        ))
    }

    /// What the compiler reads: its own folders, and the libraries' sources.
    pub(crate) fn readable(&self) -> impl Iterator<Item = PathBuf> {
        let compiler = fs::canonicalize(&self.rustc).ok();
        let toolchain = [Some(&self.rustc), compiler.as_ref()].into_iter().flatten();
        let toolchain: Vec<_> = toolchain
            .filter_map(|rustc| Some(rustc.parent()?.parent()?.to_owned()))
            .collect();
        toolchain.into_iter().chain(self.sources.iter().cloned())
    }

    /// The edition that programs are written in.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// The same libraries with another file as the compiler.
    #[must_use]
    pub fn with_rustc(self, rustc: PathBuf) -> Libraries {
        Libraries { rustc, ..self }
    }

    /// The same libraries for programs in another edition: `2021`, for example.
    #[must_use]
    pub fn with_edition(self, edition: &str) -> Libraries {
        let edition = edition.to_owned();
        Libraries { edition, ..self }
    }

    /// These and the others. Of two with one name, programs use the other.
    #[must_use]
    pub fn with(mut self, other: Libraries) -> Libraries {
        let replaced = |name: &String| other.direct.iter().any(|(it, _)| it == name);
        self.direct.retain(|(name, _)| !replaced(name));
        self.direct.extend(other.direct.iter().cloned());
        self.all.extend(other.all);
        self.sources.extend(other.sources);
        self.folders.extend(other.folders);
        self
    }

    /// These and the others. Of two with one name, programs use the one of these.
    #[must_use]
    pub fn with_others(mut self, others: &Libraries) -> Libraries {
        let there: BTreeSet<String> = self.names().map(str::to_owned).collect();
        let direct = others.direct.iter();
        let new = direct.filter(|(name, _)| !there.contains(name));
        self.direct.extend(new.cloned());
        self.all.extend(others.all.iter().cloned());
        self.sources.extend(others.sources.iter().cloned());
        self.folders.extend(others.folders.iter().cloned());
        self
    }

    /// The names that a program can use: `crossbeam_channel`, for example.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.direct.iter().map(|(name, _)| name.as_str())
    }

    /// Puts the very files that cargo built, one a crate, into a folder of
    /// their own, so that `rustc -L`, `rustdoc -L` and `mdbook test -L` find
    /// exactly one candidate for each crate. Files are linked where the file
    /// system allows, else copied. Other libraries in the folder are removed, and
    /// those that are as they should be aren't touched: a compiler may read them.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn link_into(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut unwanted: BTreeSet<PathBuf> = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        for library in &self.all {
            let Some(name) = library.file_name() else {
                continue;
            };
            let target = folder.join(name);
            let is_there = unwanted.remove(&target);
            if !is_there || !is_same_file(library, &target) && !is_its_copy(library, &target) {
                link_or_copy(library, &target)?;
            }
        }
        for path in unwanted.iter().filter(|path| is_library(path)) {
            match fs::remove_file(path) {
                // Somebody else who links into this folder was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }

    /// Differs when the compiler or any library does.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.rustc, &self.version, &self.edition, &self.direct).hash(&mut hasher);
        for library in &self.all {
            (library, stamp(library)).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Links a file, or copies it to another file system, so that `target` is
/// always either the old file or the new one.
pub(crate) fn link_or_copy(file: &Path, target: &Path) -> io::Result<()> {
    // Another thread's link must never stand in the way: the copy that is made
    // when linking fails would empty the very file that both are links of.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let unique = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{unique}", std::process::id()));
    let new = target.with_file_name(name);
    let _ = fs::remove_file(&new);
    if fs::hard_link(file, &new).is_err() {
        fs::copy(file, &new)?;
        // By its time a copy is known to be one. Without it, it is made anew.
        let _ = keep_time(file, &new);
    }
    fs::rename(&new, target)?;
    // Renaming one link of a file to another does nothing at all.
    let _ = fs::remove_file(&new);
    Ok(())
}

/// When and how long: what changes when a file does.
fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Whether one has the length and the time of the other.
fn is_its_copy(one: &Path, other: &Path) -> bool {
    stamp(one).is_some_and(|of_one| stamp(other) == Some(of_one))
}

/// Gives a copy the time of what it was copied from.
fn keep_time(file: &Path, copy: &Path) -> io::Result<()> {
    let time = fs::metadata(file)?.modified()?;
    let copy = fs::File::options().write(true).open(copy)?;
    copy.set_modified(time)
}

fn is_library(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["rlib", "rmeta", "so", "dylib"]
            .iter()
            .any(|e| extension == *e)
    })
}
