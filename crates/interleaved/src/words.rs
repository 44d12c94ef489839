//! What rustc says of a listing, and what a listing that panics says: compared
//! with what was recorded, which another compiler may have said.
//!
//! Compilers word things differently, and one of the same version names other
//! places in std where std's source is not installed. What they agree on is
//! which lines of the listing it is about.

use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which compiler said what is recorded of each listing:
/// `outputs/compilers.toml`.
#[derive(Debug)]
pub(crate) struct Compilers {
    file: PathBuf,
    by_listing: BTreeMap<String, String>,
}

impl Compilers {
    /// Reads what was recorded, if anything was.
    pub(crate) fn read(outputs: &Path) -> Result<Compilers> {
        let file = outputs.join("compilers.toml");
        let by_listing = match fs::read_to_string(&file) {
            Ok(text) => {
                toml::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?
            }
            Err(_) => BTreeMap::new(),
        };
        Ok(Compilers { file, by_listing })
    }

    /// What `rustc --version` said where this listing was recorded.
    pub(crate) fn of(&self, name: &str) -> Option<&str> {
        self.by_listing.get(name).map(String::as_str)
    }

    /// The listings of which something is recorded that compilers word.
    pub(crate) fn listings(&self) -> BTreeSet<String> {
        self.by_listing.keys().cloned().collect()
    }

    /// Records which compiler it is, or that a listing has no words.
    pub(crate) fn set(&mut self, name: &str, rustc: Option<&str>) -> Result<()> {
        if self.of(name) == rustc {
            return Ok(());
        }
        match rustc {
            Some(rustc) => self.by_listing.insert(name.to_owned(), rustc.to_owned()),
            None => self.by_listing.remove(name),
        };
        let text = format!(
            "# Written by `interleaved record`: whose words are recorded.\n{}",
            toml::to_string(&self.by_listing).context("names are plain data")?
        );
        fs::write(&self.file, text).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

/// rustc's words about a listing without what depends on where std is and
/// whether its source is there: those places, the pieces of source, and how
/// far all is indented for their line numbers.
pub(crate) fn of_the_listing<'a>(words: &'a str, listing: &str) -> Vec<&'a str> {
    let mut lines = Vec::new();
    let mut elsewhere = false;
    for line in words.lines().map(str::trim_start) {
        if let Some(place) = place(line) {
            elsewhere = line_in(place, listing).is_none();
            if elsewhere {
                continue;
            }
        }
        let is_source =
            line.starts_with(|first: char| "|.".contains(first) || first.is_ascii_digit());
        if !(elsewhere && is_source) {
            elsewhere = false;
            lines.push(line);
        }
    }
    lines
}

/// The lines of the listing that rustc marks as being the error, not those that
/// it marks to explain it: about these, compilers differ.
pub(crate) fn marked(words: &str, listing: &str) -> BTreeSet<usize> {
    let mut marked = BTreeSet::new();
    let mut is_error = false;
    let mut here = false;
    let mut number: Option<usize> = None;
    for line in words.lines() {
        let text = line.trim_start();
        if line.starts_with("error") {
            is_error = true;
        } else if line.starts_with("note:") || line.starts_with("help:") {
            is_error = false;
        }
        if let Some(place) = place(text) {
            here = line_in(place, listing).is_some();
        } else if let Some((before, beside)) = text.split_once('|') {
            match before.trim_end().parse() {
                Ok(line) => number = Some(line),
                Err(_) if is_error && here && beside.contains('^') => marked.extend(number),
                Err(_) => {}
            }
        }
    }
    marked
}

/// The lines of the listing in which it panicked, as standard error has it.
pub(crate) fn panicked(stderr: &str, listing: &str) -> Vec<usize> {
    let places = stderr
        .lines()
        .filter_map(|line| line.split_once(" panicked at "));
    places
        .filter_map(|(_, place)| line_in(place.trim_end_matches(':'), listing))
        .collect()
}

/// The place that a line of rustc's words names.
fn place(line: &str) -> Option<&str> {
    ["--> ", "::: "]
        .iter()
        .find_map(|arrow| line.strip_prefix(arrow))
}

/// The line, where a place is one in the listing: `folder/NAME.rs:8:21`.
fn line_in(place: &str, listing: &str) -> Option<usize> {
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let name = file.rsplit('/').next()?.strip_suffix(".rs")?;
    (name == listing).then(|| line.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{marked, of_the_listing, panicked};

    const WITHOUT: &str = "\
error[E0277]: `Cell<i32>` cannot be shared between threads safely
 --> cell.rs:8:21
  |
8 |         scope.spawn(|| count.set(1));
  |               ----- ^^^^^^^^^^^^^^^
  |
  = help: the trait `Sync` is not implemented for `Cell<i32>`
note: required because it's used within this closure
 --> cell.rs:7:21
  |
7 |         scope.spawn(||
  |                     ^^
note: required by a bound in `Scope::<'scope, 'env>::spawn`
 --> /rustc/5980/library/std/src/thread/scoped.rs:199:0

error: aborting due to 1 previous error
";

    const WITH: &str = "\
error[E0277]: `Cell<i32>` cannot be shared between threads safely
   --> cell.rs:8:21
    |
  8 |         scope.spawn(|| count.set(1));
    |               ----- ^^^^^^^^^^^^^^^
    |
    = help: the trait `Sync` is not implemented for `Cell<i32>`
note: required because it's used within this closure
   --> cell.rs:7:21
    |
  7 |         scope.spawn(||
    |                     ^^
note: required by a bound in `Scope::<'scope, 'env>::spawn`
   --> /usr/lib/rust/library/std/src/thread/scoped.rs:201:4
    |
199 |     pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    |            ----- required by a bound in this associated function
...
201 |         F: FnOnce() -> T + Send + 'scope,
    |                            ^^^^ required by this bound

error: aborting due to 1 previous error
";

    #[test]
    fn where_std_is_makes_no_difference() {
        let same = |words| of_the_listing(words, "cell");
        assert_eq!(same(WITHOUT), same(WITH));
        assert!(same(WITH).contains(&"note: required because it's used within this closure"));
        for (from, to) in [
            ("count.set(1)", "count.set(2)"),
            ("cell.rs:8:21", "cell.rs:8:22"),
            ("a bound in", "a bound of"),
            ("aborting", "stopping"),
        ] {
            let other = WITH.replace(from, to);
            assert_ne!(same(WITHOUT), of_the_listing(&other, "cell"), "{to}");
        }
    }

    #[test]
    fn what_is_marked_is_the_error() {
        assert_eq!(marked(WITHOUT, "cell"), [8].into());
        assert_eq!(marked(WITH, "cell"), [8].into());
        assert!(marked(WITH, "other").is_empty());
        let two = format!("{WITHOUT}{}", WITHOUT.replace("8 |", "9 |"));
        assert_eq!(marked(&two, "cell"), [8, 9].into());
    }

    #[test]
    fn panics_have_their_lines() {
        let stderr = "
thread '<unnamed>' (4711) panicked at crates/listings/examples/a-panic.rs:12:9:
nobody to share with
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

thread 'main' panicked at /rustc/5980/library/std/src/thread/scoped.rs:4:5:
a scoped thread panicked
";
        assert_eq!(panicked(stderr, "a-panic"), [12]);
        assert_eq!(panicked(stderr, "scoped"), [4]);
        assert!(panicked(stderr, "another").is_empty());
    }
}
