//! What is right though it is not what an example is meant to do:
//! `documentation.toml`.

use outcomes_protocol::Clock;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// What the file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Parts of reasons for which it is right to refuse an example.
    pub reasons: Vec<String>,
    /// Examples on which the engine is known to be wrong as yet, by name, and on
    /// which clocks.
    #[serde(default)]
    pub wrong: BTreeMap<String, Vec<Clock>>,
    /// Examples that may do something else on some schedule.
    #[serde(default, rename = "exception")]
    pub exceptions: Vec<Exception>,
}

/// An example that may do something else on some schedule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Its name.
    pub example: String,
    /// On which clocks.
    pub clocks: Vec<Clock>,
    /// How it can end besides: kinds of endings; and "limit", where it may be
    /// too big, which depends on the machine.
    pub can: Vec<String>,
    /// Why that is right.
    pub because: String,
}

impl Expected {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is wrong.
    pub fn read() -> Result<Expected, String> {
        let file = crate::programs::folder().join("documentation.toml");
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        toml::from_str(&text).map_err(|error| format!("documentation.toml: {error}"))
    }

    /// Whether the engine is known to be wrong on an example.
    pub fn is_wrong(&self, example: &str, clock: Clock) -> bool {
        let clocks = self.wrong.get(example);
        clocks.is_some_and(|clocks| clocks.contains(&clock))
    }

    /// Whether anything is said of an example on a clock.
    pub fn is_listed(&self, example: &str, clock: Clock) -> bool {
        self.is_wrong(example, clock) || self.exception(example, clock).is_some()
    }

    /// What is said of an example on a clock.
    pub fn exception(&self, example: &str, clock: Clock) -> Option<&Exception> {
        let is_it = |exception: &&Exception| {
            exception.example == example && exception.clocks.contains(&clock)
        };
        self.exceptions.iter().find(is_it)
    }
}
