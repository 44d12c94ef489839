//! The names in the standard library that only a nightly compiler lets one use.
//!
//! rust-analyzer tells whether an item is stable by the toolchain that it was
//! loaded with, and evcxr loads it with none. So the source is read here: a name
//! that is declared unstable somewhere, and nowhere stable, is not to be offered.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;

/// The crates that cells can use without asking.
const CRATES: [&str; 3] = ["core/src", "alloc/src", "std/src"];

/// The words that may stand before the one that says what an item is.
const BEFORE: [&str; 6] = ["pub", "const", "unsafe", "async", "extern", "default"];

/// The words that say what an item is.
const ITEMS: [&str; 9] = [
    "fn", "struct", "enum", "trait", "mod", "type", "union", "static", "macro",
];

/// The names, once they are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Unstable(Arc<OnceLock<HashSet<String>>>);

impl Unstable {
    /// Reads the source in this folder on a thread of its own.
    pub(super) fn read(source: Option<OsString>) -> Unstable {
        let unstable = Unstable::default();
        let names = unstable.0.clone();
        if let Some(source) = source.map(PathBuf::from) {
            // Without it, too much is offered.
            let _ = thread::Builder::new().spawn(move || names.set(names_in(&source)));
        }
        unstable
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.get().is_some_and(|names| names.contains(name))
    }
}

fn names_in(source: &Path) -> HashSet<String> {
    let mut names = Names::default();
    let mut folders: Vec<PathBuf> = CRATES.iter().map(|name| source.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                names.read(&fs::read_to_string(path).unwrap_or_default());
            }
        }
    }
    &names.unstable - &names.stable
}

#[derive(Default)]
struct Names {
    unstable: HashSet<String>,
    stable: HashSet<String>,
}

impl Names {
    fn read(&mut self, text: &str) {
        let mut is_unstable = false;
        for line in text.lines() {
            let line = line.trim_start();
            is_unstable |= line.starts_with("#[unstable(");
            if line.starts_with(['#', '/', ')']) || line.is_empty() {
                continue;
            }
            let Some(name) = item(line) else {
                // The lines of a long attribute go on.
                is_unstable &= line.contains('=') || line.ends_with([')', ']', ',', '"']);
                continue;
            };
            match is_unstable {
                true => self.unstable.insert(name.to_owned()),
                false => self.stable.insert(name.to_owned()),
            };
            is_unstable = false;
        }
    }
}

/// The name of the item that a line begins.
fn item(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_before =
        |word: &&str| BEFORE.contains(word) || word.starts_with("pub(") || word.starts_with('"');
    let mut word = words.next()?;
    while is_before(&word) {
        let next = words.next()?;
        if word == "const" && !is_before(&next) && !ITEMS.contains(&next) {
            return name(next);
        }
        word = next;
    }
    ITEMS.contains(&word).then(|| name(words.next()?)).flatten()
}

fn name(word: &str) -> Option<&str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
    (end > 0).then(|| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nowhere_stable_is_left_out() {
        let mut names = Names::default();
        names.read(
            "#[stable(feature = \"a\", since = \"1\")]\npub fn old<T>(x: T) {\n}\n\
             #[unstable(\n    feature = \"b\",\n    issue = \"1\"\n)]\n/// Words.\n#[inline]\n\
             pub const unsafe fn new_one() {\n    let x = 1;\n}\n\
             #[unstable(feature = \"c\", issue = \"2\")]\npub struct Cell2<T>(T);\n\
             #[unstable(feature = \"c\", issue = \"2\")]\nfn old() {}\nfn fmt() {}\n\
             #[rustc_const_unstable(feature = \"d\", issue = \"3\")]\npub const fn constant() {}\n\
             #[unstable(feature = \"e\", issue = \"4\")]\npub const LIMIT: u8 = 1;\n",
        );
        let mut unstable: Vec<_> = (&names.unstable - &names.stable).into_iter().collect();
        unstable.sort();
        assert_eq!(unstable, ["Cell2", "LIMIT", "new_one"]);
        for stable in ["old", "fmt", "constant"] {
            assert!(names.stable.contains(stable), "{stable}");
        }
    }
}
