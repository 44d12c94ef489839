//! What has come of the faults, written down as it comes.

use crate::plant::Fault;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// By the faults' keys, the test that has caught each; `None` if it survived.
pub type Verdicts = BTreeMap<String, Option<String>>;

/// The file.
pub struct Results {
    file: File,
}

impl Results {
    /// Opens the file. With `resume`, what it says of the same state of the
    /// workspace is kept; else it is written anew.
    ///
    /// # Errors
    /// If that fails.
    pub fn open(
        path: &Path,
        fingerprint: &str,
        resume: bool,
    ) -> Result<(Results, Verdicts), String> {
        let cannot = |error| format!("{}: {error}.", path.display());
        let mut known = Verdicts::new();
        if resume {
            known = read(path, Some(fingerprint));
            if known.is_empty() {
                println!("Nothing is known of this state of the workspace.");
            }
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        let options = if known.is_empty() {
            options.truncate(true)
        } else {
            options.append(true)
        };
        let mut results = Results {
            file: options.open(path).map_err(cannot)?,
        };
        if known.is_empty() {
            results.write(&json!({ "workspace": fingerprint }));
        }
        Ok((results, known))
    }

    /// Adds a verdict.
    pub fn add(&mut self, fault: &Fault, caught_by: Option<&str>) {
        self.write(&json!({ "fault": fault.key(), "caught_by": caught_by }));
    }

    fn write(&mut self, line: &Value) {
        if let Err(error) = writeln!(self.file, "{line}") {
            eprintln!("The results can't be written: {error}.");
        }
    }
}

/// What a file says, if of this state of the workspace.
pub fn read(path: &Path, fingerprint: Option<&str>) -> Verdicts {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_same = lines.next().is_some_and(|first| {
        fingerprint.is_none_or(|fingerprint| first["workspace"] == fingerprint)
    });
    if !is_same {
        return Verdicts::new();
    }
    let verdicts = lines.filter_map(|line| {
        let fault = line["fault"].as_str()?.to_owned();
        Some((fault, line["caught_by"].as_str().map(str::to_owned)))
    });
    verdicts.collect()
}
