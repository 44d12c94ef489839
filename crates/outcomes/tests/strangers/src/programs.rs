//! The programs, and what was seen of them: `strangers.toml`.

use outcomes_protocol::{Clock, Ending};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A program and what is known of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its file's name, without `.rs`.
    #[serde(skip)]
    pub name: String,
    /// What it is about.
    pub kind: String,
    /// Where that is not the workspace's.
    pub edition: Option<String>,
    /// The clocks on which it is to be explored.
    pub clocks: Vec<Clock>,
    /// What real runs were seen to do. More may be possible.
    pub seen: Vec<Seen>,
    /// Ways to end that are ruled out.
    #[serde(default)]
    pub never: Vec<Then>,
    /// What is ruled out.
    #[serde(default)]
    pub impossible: Vec<Seen>,
    /// It can't be explored, and is refused with a reason that has this in it.
    pub refused: Option<String>,
    /// The clocks on which the engine is known to be wrong.
    #[serde(default)]
    pub wrong: Vec<Clock>,
}

/// What one run was seen to do, or can't do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// What it printed.
    pub text: String,
    /// How it ended.
    pub then: Then,
    /// Only delays brought it about: it may need more time than a prompt
    /// machine takes.
    #[serde(default)]
    pub late: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Then {
    /// In one of these ways.
    Ended(Ending),
    /// It had to be killed: every thread was blocked, or some went on for ever.
    Hung,
}

impl TryFrom<String> for Then {
    type Error = String;

    fn try_from(word: String) -> Result<Then, String> {
        let ending = match word.as_str() {
            "returns" => Ending::Returned,
            "panics" => Ending::Panicked {
                message: String::new(),
            },
            "aborts" => Ending::Aborted,
            "hangs" => return Ok(Then::Hung),
            _ => {
                let code = word
                    .strip_prefix("exits ")
                    .and_then(|code| code.parse().ok());
                let code = code.ok_or_else(|| format!("there is no ending {word:?}"))?;
                Ending::Exited { code }
            }
        };
        Ok(Then::Ended(ending))
    }
}

impl fmt::Display for Then {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Then::Ended(Ending::Exited { code }) => write!(formatter, "exits {code}"),
            Then::Ended(ending) => formatter.write_str(ending.kind()),
            Then::Hung => formatter.write_str("hangs"),
        }
    }
}

impl Then {
    /// The endings that look so from outside.
    pub fn endings(&self) -> Vec<Ending> {
        match self {
            Then::Ended(ending) => vec![ending.clone()],
            Then::Hung => vec![Ending::Deadlocked, Ending::NeverEnds],
        }
    }
}

impl Program {
    /// Its source text.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn source(&self) -> Result<String, String> {
        let file = folder().join("programs").join(self.file_name());
        fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Its file's name.
    pub fn file_name(&self) -> String {
        format!("{}.rs", self.name)
    }
}

/// This package's folder.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The file that says what was seen.
pub fn data_file() -> PathBuf {
    folder().join("strangers.toml")
}

/// All programs, by kind and name.
///
/// # Errors
/// When the data file is wrong, or its programs are not those in the folder.
pub fn all() -> Result<Vec<Program>, String> {
    let data = fs::read_to_string(data_file()).map_err(|error| error.to_string())?;
    let data: BTreeMap<String, Program> =
        toml::from_str(&data).map_err(|error| format!("strangers.toml: {error}"))?;
    let mut programs: Vec<Program> = data
        .into_iter()
        .map(|(name, program)| Program { name, ..program })
        .collect();
    let files = fs::read_dir(folder().join("programs")).map_err(|error| error.to_string())?;
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if !programs.iter().any(|program| program.file_name() == name) {
            return Err(format!("strangers.toml says nothing of {name}"));
        }
    }
    programs.sort_by(|one, other| (&one.kind, &one.name).cmp(&(&other.kind, &other.name)));
    Ok(programs)
}
