//! The faults that make no difference from outside, each with the reason:
//! `survivors.toml`.

use crate::plant::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

const LISTED: &str = include_str!("../survivors.toml");

/// Why a fault can't be told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The program does the same.
    Equivalent,
    /// It only takes more time or memory.
    Performance,
    /// No program gets there.
    Unreachable,
    /// It is only looked at by who debugs the engine.
    Debug,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Reason::Equivalent => "equivalent",
            Reason::Performance => "performance",
            Reason::Unreachable => "unreachable",
            Reason::Debug => "debug",
        })
    }
}

/// One of them: all faults of this kind in such a line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// The file, below `crates/outcomes/`.
    file: String,
    /// The line's text, without what surrounds it.
    line: String,
    /// What the fault does, as it is listed.
    what: String,
    /// Which of several such faults in such lines of the file, counted from 0;
    /// all of them if that isn't said.
    nth: Option<usize>,
    reason: Reason,
    /// In words.
    pub why: String,
}

#[derive(Deserialize)]
struct Listed {
    survivor: Vec<Survivor>,
}

impl Survivor {
    fn is(&self, fault: &Fault) -> bool {
        fault.file.strip_prefix("crates/outcomes/") == Some(&self.file)
            && fault.text == self.line
            && fault.what == self.what
            && self.nth.is_none_or(|nth| nth == fault.nth)
    }
}

/// The list.
pub struct Survivors {
    listed: Vec<Survivor>,
}

impl Survivors {
    /// Reads it, and holds it against the faults that there are.
    ///
    /// # Errors
    /// Names the entries that are no fault, or that are there twice.
    pub fn read(faults: &[Fault]) -> Result<Survivors, String> {
        let listed: Listed =
            toml::from_str(LISTED).map_err(|error| format!("survivors.toml: {error}"))?;
        let survivors = Survivors {
            listed: listed.survivor,
        };
        let mut wrong = Vec::new();
        for survivor in &survivors.listed {
            let Survivor {
                file, line, what, ..
            } = survivor;
            if !faults.iter().any(|fault| survivor.is(fault)) {
                wrong.push(format!(
                    "{file}: {line}\n    {what}\n  is no fault any more"
                ));
            }
            if survivor.why.is_empty() {
                wrong.push(format!("{file}: {line}\n    {what}\n  has no reason"));
            }
        }
        for fault in faults {
            let entries = survivors
                .listed
                .iter()
                .filter(|survivor| survivor.is(fault));
            if entries.count() > 1 {
                wrong.push(format!("{fault} is there twice"));
            }
        }
        if wrong.is_empty() {
            return Ok(survivors);
        }
        Err(format!("survivors.toml:\n{}", wrong.join("\n")))
    }

    /// The entry of a fault, if it has one.
    pub fn entry(&self, fault: &Fault) -> Option<&Survivor> {
        self.listed.iter().find(|survivor| survivor.is(fault))
    }

    /// How many of these faults are listed for what reason.
    pub fn count<'f>(
        &self,
        faults: impl IntoIterator<Item = &'f Fault>,
    ) -> BTreeMap<Reason, usize> {
        let mut counts = BTreeMap::new();
        for survivor in faults.into_iter().filter_map(|fault| self.entry(fault)) {
            *counts.entry(survivor.reason).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::Workspace;

    #[test]
    fn every_entry_is_a_fault() {
        let faults = Workspace::new().unwrap().faults().unwrap();
        if let Err(sentence) = Survivors::read(&faults) {
            panic!("{sentence}");
        }
    }
}
