//! The registry of listings: what `listings.toml` says of each, and where its
//! files are.

use crate::directives;
use anyhow::{Context, Result, bail};
use outcomes_protocol::{Clock, with_separators};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// All listings of a book, by name, with the folder that holds them.
#[derive(Clone, Debug, Default)]
pub struct Listings {
    root: PathBuf,
    entries: BTreeMap<String, Listing>,
    editions: Editions,
}

/// What a book says of the editions of its programs: where it says nothing, it
/// is their package's.
#[derive(Clone, Debug, Default)]
struct Editions {
    /// That of `[rust]` in `book.toml`.
    book: Option<String>,
    /// That of the fence which shows a listing (`edition2021`), by its name.
    fences: BTreeMap<String, String>,
}

/// What can't be derived from a listing's own text.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// What the page calls it.
    pub title: String,
    /// The file name, without `.md`, of the chapter that shows it.
    pub chapter: String,
    /// The listing whose exercise it answers, if it is an answer: then the
    /// chapter shows it by `{{#answer}}`.
    pub answers: Option<String>,
    /// Every way in which it can end. Empty for a program that must not
    /// compile.
    #[serde(default, deserialize_with = "one_or_many")]
    pub ends: Vec<Ends>,
    /// What threads may say when they panic under some schedule, whether that
    /// shows in an output or not: every such message.
    #[serde(default)]
    pub panics: Vec<String>,
    /// For a program that must not compile, the code that rustc must give, or
    /// what its error says if that has none.
    pub error: Option<String>,
    /// The exact number of distinct outputs that it can have, however it ends.
    /// `None` if there is no end of them, or it can't be explored.
    pub outputs: Option<u64>,
    /// How time passes where its outputs are counted.
    #[serde(default)]
    pub clock: Clock,
    /// Why it can't be explored, if it can't: the end of a sentence.
    pub unexplored: Option<String>,
    /// What it needs that a browser doesn't have, if that can't be told from its
    /// program: the end of a sentence that begins with "It needs".
    pub needs: Option<String>,
}

/// How a program may end, as the registry states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Ends {
    /// `main` returns.
    Returns,
    /// It exits with this code, not 0.
    Exits(i32),
    /// `main` panics.
    Panics,
    /// Every thread waits for another, forever.
    Deadlocks,
    /// Some thread goes on forever.
    NeverEnds,
}

impl Listings {
    /// Reads `listings.toml` in `root`, the folder that also holds
    /// `examples/`, `broken/` and `outputs/`.
    ///
    /// # Errors
    /// Says which file could not be read or which entry is wrong.
    pub fn load(root: impl Into<PathBuf>) -> Result<Listings> {
        let root = root.into();
        let file = root.join("listings.toml");
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let entries: BTreeMap<String, Listing> = toml::from_str(&text)
            .with_context(|| format!("{} is not a list of listings", file.display()))?;
        for (name, listing) in &entries {
            if listing.error.is_none() == listing.ends.is_empty() {
                bail!(
                    "{}: [{name}] must say either how it `ends` or which `error` it must give",
                    file.display()
                );
            }
            let not_explored = listing.is_broken() || listing.unexplored.is_some();
            if not_explored && (listing.outputs.is_some() || listing.clock != Clock::Any) {
                bail!(
                    "{}: [{name}] is not explored, so it has no `outputs` and no `clock`",
                    file.display()
                );
            }
        }
        Ok(Listings {
            root,
            entries,
            editions: Editions::default(),
        })
    }

    /// Whether there are none, as in a book that has no registry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The folder that holds the listings.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The same, in the edition that a book gives them.
    pub(crate) fn in_edition(self, edition: Option<String>) -> Listings {
        let editions = Editions {
            book: edition,
            ..self.editions
        };
        Listings { editions, ..self }
    }

    /// Learns the editions that a chapter's fences give listings.
    pub(crate) fn learn_editions(&mut self, chapter: &str) {
        self.editions.fences.extend(directives::editions(chapter));
    }

    /// Learns the editions that the chapters in a folder give listings.
    ///
    /// # Errors
    /// When a chapter can't be read.
    pub(crate) fn learn_editions_in(&mut self, chapters: &Path) -> Result<()> {
        let cannot = || format!("cannot read {}", chapters.display());
        for entry in fs::read_dir(chapters).with_context(cannot)? {
            let path = entry.with_context(cannot)?.path();
            if path.is_dir() {
                self.learn_editions_in(&path)?;
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let chapter = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                self.learn_editions(&chapter);
            }
        }
        Ok(())
    }

    /// The edition that the book gives a listing; `None` if it leaves that to
    /// the listing's package.
    pub fn edition(&self, name: &str) -> Option<&str> {
        let fence = self.editions.fences.get(name);
        fence.or(self.editions.book.as_ref()).map(String::as_str)
    }

    /// Every listing with its name, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Listing)> {
        self.entries
            .iter()
            .map(|(name, listing)| (name.as_str(), listing))
    }

    /// The listing of that name.
    ///
    /// # Errors
    /// Says that there is none, and where it looked.
    pub fn get(&self, name: &str) -> Result<&Listing> {
        self.entries.get(name).with_context(|| {
            format!(
                "there is no listing named {name:?} in {}",
                self.root.join("listings.toml").display()
            )
        })
    }

    /// The file that holds the listing's program.
    ///
    /// # Errors
    /// See [`get`](Listings::get).
    pub fn source_path(&self, name: &str) -> Result<PathBuf> {
        let folder = if self.get(name)?.is_broken() {
            "broken"
        } else {
            "examples"
        };
        Ok(self.root.join(folder).join(format!("{name}.rs")))
    }

    /// The listing's program.
    ///
    /// # Errors
    /// Says which file could not be read.
    pub fn source(&self, name: &str) -> Result<String> {
        let path = self.source_path(name)?;
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Where a run's standard output is recorded; for a listing in `broken/`,
    /// where rustc's own words are.
    pub fn transcript_path(&self, name: &str) -> PathBuf {
        self.root.join("outputs").join(format!("{name}.txt"))
    }

    /// Where figures are that no listing prints, if a name in a directive says
    /// so: `measured/NAME`, for what was measured once, by other programs.
    pub(crate) fn measured_path(&self, name: &str) -> Option<PathBuf> {
        let file = name.strip_prefix("measured/")?;
        Some(self.root.join("measured").join(format!("{file}.txt")))
    }

    /// Where the machine that recorded them is described.
    pub fn machine_path(&self) -> PathBuf {
        self.root.join("outputs").join("machine.toml")
    }

    /// The crates besides std that a program names, as it names them, in order.
    /// The candidates are what `Cargo.toml`, next to `listings.toml`, depends on.
    ///
    /// # Errors
    /// Says that `Cargo.toml` can't be read.
    pub fn crates_used_by(&self, source: &str) -> Result<Vec<String>> {
        let dependencies = self.dependencies_of(source)?;
        let mut names: Vec<String> = dependencies
            .iter()
            .map(|(name, _)| name.replace('-', "_"))
            .collect();
        names.sort();
        Ok(names)
    }

    /// The same crates with what `Cargo.toml` wants of each: its version, and
    /// the like. What a workspace says for all of its members is filled in.
    /// Without a `Cargo.toml` there are none.
    ///
    /// # Errors
    /// Says that a `Cargo.toml` can't be read, or says nothing of a crate.
    pub fn dependencies_of(&self, source: &str) -> Result<Vec<(String, toml::Value)>> {
        if !self.root.join("Cargo.toml").exists() {
            return Ok(Vec::new());
        }
        let used = self
            .manifest()?
            .dependencies
            .into_iter()
            .filter(|(name, _)| names_crate(source, &name.replace('-', "_")));
        used.map(|(name, wanted)| {
            let wanted = self.with_workspaces(&name, wanted)?;
            Ok((name, wanted))
        })
        .collect()
    }

    /// What is wanted of a crate, with what the workspace wants of it where
    /// that is asked for.
    fn with_workspaces(&self, name: &str, wanted: toml::Value) -> Result<toml::Value> {
        let is_workspaces = wanted.get("workspace").and_then(toml::Value::as_bool);
        if is_workspaces != Some(true) {
            return Ok(wanted);
        }
        let workspaces = self.workspace_dependencies()?;
        let shared = workspaces.get(name).with_context(|| {
            format!(
                "{} wants {name} as its workspace does, which says nothing of it",
                self.root.join("Cargo.toml").display()
            )
        })?;
        let mut merged = match shared {
            toml::Value::Table(shared) => shared.clone(),
            version => toml::Table::from_iter([("version".to_owned(), version.clone())]),
        };
        for (key, value) in wanted.as_table().into_iter().flatten() {
            match (key.as_str(), merged.get_mut(key), value) {
                ("workspace", ..) => {}
                ("features", Some(toml::Value::Array(features)), toml::Value::Array(more)) => {
                    features.extend(more.iter().cloned());
                }
                _ => {
                    merged.insert(key.clone(), value.clone());
                }
            }
        }
        Ok(match (merged.len(), merged.get("version")) {
            (1, Some(version)) => version.clone(),
            _ => merged.into(),
        })
    }

    /// What the nearest workspace says of crates, for all of its members.
    fn workspace_dependencies(&self) -> Result<toml::Table> {
        let root = self.root.canonicalize();
        let root = root.with_context(|| format!("cannot find {}", self.root.display()))?;
        for folder in root.ancestors() {
            let file = folder.join("Cargo.toml");
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let manifest: toml::Table = toml::from_str(&text)
                .with_context(|| format!("{} is no manifest", file.display()))?;
            if let Some(workspace) = manifest.get("workspace") {
                let dependencies = workspace.get("dependencies");
                return Ok(dependencies
                    .and_then(toml::Value::as_table)
                    .cloned()
                    .unwrap_or_default());
            }
        }
        bail!("{} is in no workspace", self.root.display())
    }

    /// The name of the package whose examples the listings are.
    ///
    /// # Errors
    /// Says that `Cargo.toml` can't be read.
    pub fn package(&self) -> Result<String> {
        Ok(self.manifest()?.package.name)
    }

    fn manifest(&self) -> Result<Manifest> {
        let file = self.root.join("Cargo.toml");
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no manifest", file.display()))
    }

    /// Where the report on its deadlocks is recorded, if it can end in one.
    pub fn deadlock_path(&self, name: &str) -> PathBuf {
        self.root
            .join("outputs")
            .join(format!("{name}.deadlock.txt"))
    }

    /// Where a run's standard error is recorded, if it wrote any.
    pub fn stderr_path(&self, name: &str) -> PathBuf {
        self.root.join("outputs").join(format!("{name}.stderr.txt"))
    }
}

/// What is read of the listings' `Cargo.toml`.
#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: toml::Table,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

impl Listing {
    /// Whether this is a program that must not compile.
    pub fn is_broken(&self) -> bool {
        self.error.is_some()
    }

    /// The code of the error that it must give, if that error has one: rustc
    /// has errors that have none, and those are known by what they say.
    pub fn error_code(&self) -> Option<&str> {
        let error = self.error.as_deref()?;
        let digits = error.strip_prefix('E')?;
        let is_code = digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit());
        is_code.then_some(error)
    }

    /// Whether its outcomes can be explored.
    pub fn is_explorable(&self) -> bool {
        !self.is_broken() && self.unexplored.is_none()
    }

    /// What its recorded output is among all, as a sentence for its reader.
    /// `None` where that is not known.
    pub fn among(&self) -> Option<String> {
        let outputs = self.outputs?;
        let machine = self.clock.on().map(|on| format!(" {on}"));
        let machine = machine.unwrap_or_default();
        Some(match outputs {
            1 => format!("The only possible output{machine}."),
            _ => format!(
                "One of {} possible outputs{machine}.",
                with_separators(outputs.into())
            ),
        })
    }

    /// How it ends, as a sentence for its reader.
    pub fn ending(&self) -> String {
        if let Some(error) = &self.error {
            return match self.error_code() {
                Some(code) => format!("It does not compile: error {code}."),
                None => format!("It does not compile: {error}."),
            };
        }
        let endings = self.ends.iter();
        let endings: Vec<String> = endings.map(|ends| ends.to_ending().to_string()).collect();
        format!("Then {}.", endings.join(", or "))
    }
}

impl TryFrom<String> for Ends {
    type Error = String;

    fn try_from(text: String) -> Result<Ends, String> {
        Ok(match text.as_str() {
            "returns" => Ends::Returns,
            "panics" => Ends::Panics,
            "deadlocks" => Ends::Deadlocks,
            "never ends" => Ends::NeverEnds,
            _ => match text.strip_prefix("exits ").map(str::parse) {
                Some(Ok(code)) if code != 0 => Ends::Exits(code),
                _ => {
                    return Err(format!(
                        "{text:?} is no way to end: write \"returns\", \"exits 3\" \
                         (with a code that is not 0), \"panics\", \"deadlocks\" or \"never ends\""
                    ));
                }
            },
        })
    }
}

impl From<Ends> for String {
    fn from(ends: Ends) -> String {
        ends.to_string()
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ends::Returns => f.write_str("returns"),
            Ends::Exits(code) => write!(f, "exits {code}"),
            Ends::Panics => f.write_str("panics"),
            Ends::Deadlocks => f.write_str("deadlocks"),
            Ends::NeverEnds => f.write_str("never ends"),
        }
    }
}

/// Whether a program's text names a crate: in a path (`rayon::`) or a `use`.
fn names_crate(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(start, _)| {
        let before = source[..start].chars().next_back();
        let after = source[start + name.len()..].trim_start();
        let is_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_word && after.starts_with("::")
    })
}

/// Accepts `"returns"` as well as `["returns", "deadlocks"]`.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Ends>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Ends),
        Many(Vec<Ends>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(ends) => vec![ends],
        OneOrMany::Many(ends) => ends,
    })
}
