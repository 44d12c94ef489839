//! What a program says of its own outcomes, by the crate `outcomes`.

use crate::{Place, Schedule, counted};
use serde::{Deserialize, Serialize};

/// What a program says of its own outcomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// How many outputs it has, each counted with its ending.
    Outputs(u128),
    /// That some schedule prints exactly this. A line break at the end may be missing.
    Possible(String),
    /// That none does.
    Impossible(String),
}

/// What it says, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// What it says.
    pub expectation: Expectation,
    /// Where it says so.
    pub at: Option<Place>,
    /// Whether it is so; `None` if there is no telling.
    pub met: Option<bool>,
    /// One that prints what it speaks of, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

impl Expected {
    /// What is known of it, in words that can end a sentence. `outputs` says how many
    /// there are, if that is known.
    pub(crate) fn told(&self, outputs: Option<&str>) -> String {
        let text = match &self.expectation {
            Expectation::Outputs(_) => String::new(),
            // Whether there is a line break at its end is part of it.
            Expectation::Possible(text) | Expectation::Impossible(text) => text.replace('\n', "⏎"),
        };
        let what = match (&self.expectation, self.met) {
            (Expectation::Outputs(count), Some(met)) => {
                let wanted = counted(*count, "output");
                match outputs.filter(|_| !met) {
                    Some(outputs) => format!("it has {outputs}, and {wanted} would be right"),
                    None => format!("it has {wanted}"),
                }
            }
            (Expectation::Outputs(count), None) => {
                let wanted = counted(*count, "output");
                format!("there is no telling whether it has {wanted}")
            }
            (_, None) => format!("there is no telling whether it can print exactly \"{text}\""),
            (Expectation::Possible(_), Some(true)) => format!("it can print exactly \"{text}\""),
            (Expectation::Possible(_), Some(false)) => {
                format!("it can never print exactly \"{text}\", which should be possible")
            }
            (Expectation::Impossible(_), Some(true)) => {
                format!("it can never print exactly \"{text}\"")
            }
            (Expectation::Impossible(_), Some(false)) => {
                format!("it can print exactly \"{text}\", which should be impossible")
            }
        };
        let at = self.at.as_ref().map(|at| format!(" ({at})"));
        what + &at.unwrap_or_default()
    }
}
