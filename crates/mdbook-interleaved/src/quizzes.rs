//! What a chapter asks its readers about its listings: outputs to judge, and
//! goals for who plays the scheduler.
//!
//! They are in `quizzes/CHAPTER.toml`, next to `listings.toml`:
//!
//! ```toml
//! [[two-locks.outputs]]
//! text = """
//! Pam has the pen
//! Jim has the paper
//! """
//! ends = "deadlocks"              # or left out: however it ends
//! possible = true
//! why = "Each has what the other needs."
//!
//! [[two-locks.goals]]
//! goal = "Make it deadlock."
//! ends = "deadlocks"              # what is asked: how it ends,
//! has = ["Pam has the pen"]       # what the output holds, one after the other,
//! lacks = ["too"]                 # and what it doesn't hold
//! way = """
//! Pam has the pen
//! Jim has the paper
//! """
//! ```
//!
//! A chapter shows them by `{{#quiz two-locks}}` and `{{#goals two-locks}}`.
//! Whether it is all true is for the engine to say, when the book is tested.

use crate::listings::{Ends, Listings};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// What is asked about one listing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// Outputs to judge.
    #[serde(default)]
    pub outputs: Vec<Candidate>,
    /// What the reader is to bring about as the scheduler.
    #[serde(default)]
    pub goals: Vec<Goal>,
}

/// An output, of which the reader is to say whether it is possible.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The whole output.
    pub text: String,
    /// How the program ends then, if that is a part of the question.
    pub ends: Option<Ends>,
    /// The answer.
    pub possible: bool,
    /// The answer's reason: a sentence.
    pub why: Option<String>,
}

/// What the reader is to bring about: an execution that is over, of which this
/// holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is asked: a sentence.
    #[serde(skip_serializing)]
    pub goal: String,
    /// How it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<Ends>,
    /// What its output holds, each piece behind the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// What its output holds nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// The whole output of an execution that reaches it.
    #[serde(skip_serializing)]
    pub way: String,
}

impl Candidate {
    /// The answer in words.
    pub(crate) fn verdict(&self) -> String {
        let word = if self.possible {
            "Possible."
        } else {
            "Impossible."
        };
        match &self.why {
            Some(why) => format!("{word} {why}"),
            None => word.to_owned(),
        }
    }
}

impl Goal {
    /// Whether an execution with this output and ending is what was asked for.
    /// The page's `goals.js` decides likewise.
    pub fn holds(&self, text: &str, ends: Option<Ends>) -> bool {
        let mut rest = text;
        let has_all = self.has.iter().all(|piece| {
            let found = rest.split_once(piece.as_str());
            rest = found.map_or("", |(_, behind)| behind);
            found.is_some()
        });
        let lacks_all = !self.lacks.iter().any(|piece| text.contains(piece.as_str()));
        has_all && lacks_all && (self.ends.is_none() || self.ends == ends)
    }
}

impl Listings {
    /// The file that holds what a chapter asks.
    pub fn quizzes_path(&self, chapter: &str) -> PathBuf {
        self.root().join("quizzes").join(format!("{chapter}.toml"))
    }

    /// What a chapter asks, by listing. Nothing where it has no file.
    ///
    /// # Errors
    /// Says which file is wrong, and how.
    pub fn quizzes(&self, chapter: &str) -> Result<BTreeMap<String, Quiz>> {
        let file = self.quizzes_path(chapter);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            other => other.with_context(|| format!("cannot read {}", file.display()))?,
        };
        let quizzes: BTreeMap<String, Quiz> = toml::from_str(&text)
            .with_context(|| format!("{} is no list of quizzes", file.display()))?;
        for (name, quiz) in &quizzes {
            let listing = self.get(name)?;
            ensure!(
                listing.is_explorable(),
                "{}: [{name}] can't be explored, so nothing can be asked about it",
                file.display()
            );
            for goal in &quiz.goals {
                ensure!(
                    goal.ends != Some(Ends::NeverEnds),
                    "{}: the goal {:?} of [{name}] never ends, so nobody sees it reached",
                    file.display(),
                    goal.goal
                );
                ensure!(
                    goal.ends.is_some() || !goal.has.is_empty() || !goal.lacks.is_empty(),
                    "{}: the goal {:?} of [{name}] must say what it `ends` in, `has` or `lacks`",
                    file.display(),
                    goal.goal
                );
            }
        }
        Ok(quizzes)
    }

    /// What a chapter asks about one listing.
    ///
    /// # Errors
    /// Says that there is nothing, or what is wrong with the file.
    pub(crate) fn quiz(&self, chapter: &str, name: &str) -> Result<Quiz> {
        self.get(name)?;
        let mut quizzes = self.quizzes(chapter)?;
        quizzes.remove(name).with_context(|| {
            format!(
                "nothing is asked about {name} in {}",
                self.quizzes_path(chapter).display()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(has: &[&str], lacks: &[&str], ends: Option<Ends>) -> Goal {
        let owned = |pieces: &[&str]| pieces.iter().map(|&it| it.to_owned()).collect();
        Goal {
            goal: String::new(),
            ends,
            has: owned(has),
            lacks: owned(lacks),
            way: String::new(),
        }
    }

    #[test]
    fn pieces_stand_one_behind_the_other() {
        let text = "one\ntwo\none\n";
        for (has, holds) in [
            (&["one", "two"][..], true),
            (&["two", "one"], true),
            (&["one", "one"], true),
            (&["two", "two"], false),
            (&["three"], false),
        ] {
            assert_eq!(goal(has, &[], None).holds(text, None), holds, "{has:?}");
        }
    }

    #[test]
    fn what_it_lacks_and_how_it_ends_count_too() {
        let returns = Some(Ends::Returns);
        let asked = goal(&["one"], &["two"], returns);
        assert!(asked.holds("one\n", returns));
        assert!(!asked.holds("one\ntwo\n", returns));
        assert!(!asked.holds("one\n", Some(Ends::Deadlocks)));
        assert!(!asked.holds("one\n", None));
    }
}
