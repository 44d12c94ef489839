//! Running programs for real, and writing down what they were seen to do.

use crate::originals;
use crate::programs::{Program, Seen, Then, data_file};
use outcomes_protocol::Ending;
use outcomes_soak::real::{self, Runs, observe};
use runner::{Builder, Libraries, Stop};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Runs as they come, and then as many under random delays.
const TIMES: u64 = 60;

/// How many at the same time: more than there are processors, so that they get
/// in each other's way.
const AT_ONCE: usize = 4;

/// After this time a program goes on for ever. None of them takes a second, but
/// the machine may have much else to do.
const PATIENCE: Duration = Duration::from_secs(10);

/// Builds programs against the originals, and runs them.
#[derive(Debug)]
pub struct Recorder {
    libraries: Libraries,
    cache: PathBuf,
}

impl Recorder {
    /// Builds the originals, with cargo. The programs are kept in `cache`.
    ///
    /// # Errors
    /// When that fails.
    pub fn prepare(cache: PathBuf) -> Result<Recorder, String> {
        Ok(Recorder {
            libraries: originals::build()?,
            cache,
        })
    }

    /// What a program is seen to do, and was seen to do before.
    ///
    /// # Errors
    /// When it can't be built or run.
    pub fn observe(&self, program: &Program) -> Result<BTreeSet<Seen>, String> {
        let libraries = self.libraries.clone();
        let libraries = match &program.edition {
            Some(edition) => libraries.with_edition(edition),
            None => libraries,
        };
        let builder = Builder::new(libraries, self.cache.clone());
        let built = builder.build_as(&program.file_name(), &program.source()?, &Stop::new());
        let built = built.map_err(|error| format!("{}: {error}", program.name))?;
        let command = || Command::new(&built.program);
        let observe = |delays| {
            let runs = Runs {
                times: TIMES,
                at_once: AT_ONCE,
                delays,
            };
            let seen = observe(&command, &runs, PATIENCE)?;
            Ok::<_, String>(seen.into_iter().map(Seen::from))
        };
        let mut all: BTreeSet<Seen> = observe(None)?.collect();
        let before = program.seen.iter().cloned();
        let delayed = observe(Some(0))?.map(|seen| Seen { late: true, ..seen });
        for seen in before.chain(delayed) {
            let is_known = |known: &Seen| (&known.text, &known.then) == (&seen.text, &seen.then);
            if !all.iter().any(is_known) {
                all.insert(seen);
            }
        }
        Ok(all)
    }
}

impl From<real::Seen> for Seen {
    fn from(seen: real::Seen) -> Seen {
        let then = match seen.ending {
            None | Some(Ending::Deadlocked | Ending::NeverEnds) => Then::Hung,
            Some(ending) => Then::Ended(ending),
        };
        Seen {
            text: seen.text,
            then,
            late: false,
        }
    }
}

/// Writes down what a program was seen to do, in place of what the data file
/// says of that.
///
/// # Errors
/// When the file can't be read or written, or has no place for it.
pub fn write(program: &Program, all: &BTreeSet<Seen>) -> Result<(), String> {
    let file = data_file();
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let no_place = || format!("strangers.toml has no place for what {} does", program.name);
    let header = format!("\n[{}]\n", program.name);
    let section = text.find(&header).ok_or_else(no_place)?;
    let start = section + text[section..].find("seen = [").ok_or_else(no_place)?;
    let old = &text[start..];
    let end = match old.starts_with("seen = []") {
        true => "seen = []".len(),
        false => old.find("\n]").ok_or_else(no_place)? + "\n]".len(),
    };
    let mut new = "seen = [\n".to_owned();
    for Seen { text, then, late } in all {
        let late = if *late { ", late = true" } else { "" };
        let text = quoted(text);
        new += &format!("  {{ text = {text}, then = \"{then}\"{late} }},\n");
    }
    new.push(']');
    let text = format!("{}{new}{}", &text[..start], &old[end..]);
    fs::write(file, text).map_err(|error| error.to_string())
}

/// A string as TOML on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
