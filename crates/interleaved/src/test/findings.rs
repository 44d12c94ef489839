//! What doesn't hold: all of it, so that it can be mended at once.

use anyhow::{Result, bail};
use std::fmt::Display;

/// What was found, each a sentence that says what to do.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<String>);

impl Findings {
    pub(super) fn new() -> Findings {
        Findings::default()
    }

    /// Adds one, unless it is known.
    pub(super) fn add(&mut self, finding: impl Display) {
        let finding = finding.to_string();
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// Adds one if this doesn't hold.
    pub(super) fn hold(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.add(finding());
        }
    }

    /// Adds an error, if it is one.
    pub(super) fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(format!("{error:#}"));
                None
            }
        }
    }

    /// All that was found, as one error.
    pub(super) fn report(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        bail!("{}", self.0.join("\n"))
    }
}
