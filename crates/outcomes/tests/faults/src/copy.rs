//! The copy of the workspace that has all faults in it.

use crate::judge::Judge;
use crate::plant::{Fault, plant};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Where faults are planted: the packages whose sources these are.
const PACKAGES: [&str; 6] = [
    "crates/outcomes/engine",
    "crates/outcomes/graph",
    "crates/outcomes/look-alikes/std",
    "crates/outcomes/look-alikes/crossbeam-channel",
    "crates/outcomes/look-alikes/crossbeam-utils",
    "crates/outcomes/look-alikes/crossbeam",
];

/// Tests that have a module of theirs for themselves, with its faults.
const INCLUDING: [&str; 1] = ["crates/outcomes/tests/litmus/tests/weak_memory.rs"];

/// The question for a fault's number, a module of each package. The number comes
/// in a variable that programs are given wherever they are run.
const PLANTED: &str = r#"
#[allow(missing_docs, unreachable_pub)]
pub(crate) mod planted {
    use ::std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(u32::MAX);
    #[cold]
    fn ask() -> u32 {
        // Asking allocates, and the allocator asks.
        NUMBER.store(u32::MAX - 1, Ordering::Relaxed);
        let number = match option_env_number() {
            Some(number) => number,
            None => u32::MAX - 1,
        };
        NUMBER.store(number, Ordering::Relaxed);
        number
    }
    fn option_env_number() -> Option<u32> {
        ::std::env::var("TZ").ok()?.strip_prefix("fault")?.parse().ok()
    }
    #[inline]
    pub(crate) fn is(number: u32) -> bool {
        let is = NUMBER.load(Ordering::Relaxed);
        (if is == u32::MAX { ask() } else { is }) == number
    }
}
"#;

/// What the workspace holds, with faults.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    copy: PathBuf,
}

impl Workspace {
    /// This one.
    ///
    /// # Errors
    /// If it isn't there.
    pub fn new() -> Result<Workspace, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..");
        let root = root.canonicalize().map_err(|error| error.to_string())?;
        let copy = root.join("target/faults");
        Ok(Workspace { root, copy })
    }

    /// Where the copy is, and what is found out.
    pub fn copy(&self) -> &Path {
        &self.copy
    }

    /// All faults that can be planted, whether they compile or not.
    ///
    /// # Errors
    /// If a source can't be read.
    pub fn faults(&self) -> Result<Vec<Fault>, String> {
        Ok(self.plant(&BTreeSet::new())?.0)
    }

    /// Builds the copy, leaving out faults that don't compile. Which these are
    /// is kept for the next time.
    ///
    /// # Errors
    /// If that fails.
    pub fn build(&self) -> Result<(Vec<Fault>, Judge), String> {
        self.copy_tracked()?;
        let kept = self.copy.join("target/left-out.txt");
        let known = fs::read_to_string(&kept).unwrap_or_default();
        let known: BTreeSet<&str> = known.lines().collect();
        let all = self.faults()?;
        let mut left_out: BTreeSet<usize> = all
            .iter()
            .filter(|fault| known.contains(&*fault.key()))
            .map(|fault| fault.number)
            .collect();
        loop {
            let (faults, sources) = self.plant(&left_out)?;
            for (name, text) in sources {
                write(&self.copy.join(name), text.as_bytes())?;
            }
            let places = match Judge::build(&self.copy)? {
                Ok(judge) => return Ok((faults, judge)),
                Err(places) => places,
            };
            let before = left_out.len();
            let mut by_line: BTreeMap<(&str, usize), Vec<usize>> = BTreeMap::new();
            for fault in &faults {
                let line = by_line.entry((&fault.file, fault.line));
                line.or_default().push(fault.number);
            }
            for (file, line) in &places {
                let numbers = by_line.get(&(file.as_str(), *line));
                left_out.extend(numbers.into_iter().flatten());
            }
            if left_out.len() == before {
                return Err(format!("The copy doesn't compile, at {places:?}."));
            }
            eprintln!("{} faults don't compile, and are left out.", left_out.len());
            let lines = all.iter().filter(|fault| left_out.contains(&fault.number));
            let lines: String = lines.map(|fault| fault.key() + "\n").collect();
            write(&kept, lines.as_bytes())?;
        }
    }

    /// Tells one state of the workspace's engine and tests from another.
    ///
    /// # Errors
    /// If git can't be asked.
    pub fn fingerprint(&self) -> Result<String, String> {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for name in self.tracked()? {
            if !name.starts_with("crates/outcomes/") {
                continue;
            }
            let Ok(text) = fs::read(self.root.join(&name)) else {
                continue;
            };
            for byte in name.bytes().chain(text) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        Ok(format!("{hash:016x}"))
    }

    /// What git knows of.
    fn tracked(&self) -> Result<BTreeSet<String>, String> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others"]);
        let listed = git.arg("--exclude-standard").current_dir(&self.root);
        let listed = listed.output();
        let listed = listed.map_err(|error| format!("git can't be run: {error}."))?;
        let listed = String::from_utf8_lossy(&listed.stdout);
        Ok(listed.split_terminator('\0').map(str::to_owned).collect())
    }

    /// Copies what git knows of.
    fn copy_tracked(&self) -> Result<(), String> {
        let names = self.tracked()?;
        for old in sources(&self.copy, Path::new("crates")).unwrap_or_default() {
            if !old.to_str().is_some_and(|name| names.contains(name)) {
                fs::remove_file(self.copy.join(&old)).map_err(|error| error.to_string())?;
            }
        }
        let planted = PACKAGES.map(|package| Path::new(package).join("src"));
        for name in &names {
            let from = self.root.join(name);
            // These are written with faults.
            let is_planted = planted
                .iter()
                .any(|folder| Path::new(name).starts_with(folder));
            if is_planted && name.ends_with(".rs") || !from.is_file() {
                continue;
            }
            let mut text = fs::read(&from).map_err(|error| format!("{name}: {error}."))?;
            if INCLUDING.contains(&&**name) {
                text.extend_from_slice(PLANTED.as_bytes());
            }
            write(&self.copy.join(name), &text)?;
        }
        Ok(())
    }

    /// The faults, and the sources with them.
    fn plant(&self, left_out: &BTreeSet<usize>) -> Result<(Vec<Fault>, Sources), String> {
        let mut faults = Vec::new();
        let mut next = 0;
        let mut planted = Vec::new();
        for package in PACKAGES {
            let folder = Path::new(package).join("src");
            for name in sources(&self.root, &folder).map_err(|error| error.to_string())? {
                let text = fs::read_to_string(self.root.join(&name));
                let text = text.map_err(|error| error.to_string())?;
                let is_left_out = |number| left_out.contains(&number);
                let mut text = plant(&name, &text, &mut next, &is_left_out, &mut faults)?;
                if name == folder.join("lib.rs") {
                    text.push_str(PLANTED);
                }
                planted.push((name, text));
            }
        }
        Ok((faults, planted))
    }
}

/// Files and their texts.
type Sources = Vec<(PathBuf, String)>;

/// Writes a file, unless it is like that already: cargo looks at the time.
fn write(file: &Path, text: &[u8]) -> Result<(), String> {
    if fs::read(file).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let failed = |error: io::Error| format!("{}: {error}.", file.display());
    fs::create_dir_all(file.parent().unwrap_or(file)).map_err(failed)?;
    fs::write(file, text).map_err(failed)
}

fn sources(root: &Path, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let path = entry?.path();
        let name = folder.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            names.extend(sources(root, &name)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
