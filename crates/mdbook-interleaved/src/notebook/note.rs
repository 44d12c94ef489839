//! What the preprocessor tells the renderer about a listing: a comment in the
//! chapter, right after the listing's fence.

use crate::listings::{Ends, Listings};
use crate::shown::Shown;
use anyhow::{Result, ensure};
use runner::Ending;
use serde::{Deserialize, Serialize};

const START: &str = "<!-- interleaved: ";
const END: &str = " -->";

/// All that a cell shows of a listing besides its code.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Note {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The file of its program.
    pub(crate) file: String,
    /// How it ends and how many outputs it can have, as sentences.
    pub(crate) ending: String,
    /// The crates that it uses, as `Cargo.toml` wants them.
    pub(crate) crates: Vec<String>,
    /// Whether some way in which it ends is an error.
    pub(crate) may_fail: bool,
    /// Why a kernel that calls `main` itself must not do so, if it mustn't: the
    /// end of a sentence.
    pub(crate) not_called: Option<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The error in which it was recorded to end.
    pub(crate) error: Option<Failure>,
}

/// An error, as Jupyter shows one.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Failure {
    /// The kind of error, as our kernel calls it.
    pub(crate) name: String,
    pub(crate) sentence: String,
    /// What is shown: lines.
    pub(crate) lines: Vec<String>,
}

impl Note {
    /// What there is to tell of a listing. `report` is the recorded report on
    /// its deadlocks.
    ///
    /// # Errors
    /// When there is no telling which crates it uses.
    pub(crate) fn of(shown: &Shown, listings: &Listings, report: Option<String>) -> Result<Note> {
        let listing = shown.listing;
        let dependencies = listings.dependencies_of(&listings.source(shown.name)?)?;
        let mut crates = Vec::new();
        for (name, wanted) in dependencies {
            ensure!(
                wanted.get("path").is_none(),
                "{} uses {name}, which is a folder of this machine: no reader's notebook has it",
                shown.name
            );
            crates.push(format!("{name} = {wanted}"));
        }
        let transcript = shown.transcript.clone().unwrap_or_default();
        let (stdout, error) = match listing.is_broken() {
            true => (String::new(), refusal(&transcript)),
            false => (transcript, failure(&listing.ends, report.as_deref())),
        };
        let mut ending = listing.ending();
        if let Some(among) = listing.among() {
            ending = format!("{ending} {among}");
        }
        Ok(Note {
            name: shown.name.to_owned(),
            title: listing.title.clone(),
            file: format!("{}.rs", shown.name),
            ending,
            crates,
            may_fail: listing.is_broken() || listing.ends.iter().any(|it| *it != Ends::Returns),
            not_called: not_called(&listing.ends),
            stdout,
            stderr: shown.stderr.clone().unwrap_or_default(),
            error: error.filter(|_| shown.transcript.is_some()),
        })
    }

    /// The note as a line of a chapter, which nobody sees.
    pub(crate) fn comment(&self) -> Result<String> {
        // Within JSON, either of these can only stand in a string. The one
        // would end the comment, the other is mdBook's directive.
        let json = serde_json::to_string(self)?
            .replace("--", "-\\u002d")
            .replace("{{", "{\\u007b");
        Ok(format!("{START}{json}{END}"))
    }

    /// The note in a block of HTML, if it is one.
    pub(crate) fn read(html: &str) -> Option<Note> {
        let json = html.trim().strip_prefix(START)?.strip_suffix(END)?;
        serde_json::from_str(json).ok()
    }
}

fn refusal(transcript: &str) -> Option<Failure> {
    let first = transcript.lines().find(|line| line.starts_with("error"))?;
    Some(Failure {
        name: "CompileError".to_owned(),
        sentence: first.to_owned(),
        lines: transcript.trim_end().lines().map(str::to_owned).collect(),
    })
}

/// The error in which a program always ends. If it may end in several ways,
/// nothing says which its record ended in.
fn failure(ends: &[Ends], report: Option<&str>) -> Option<Failure> {
    let (name, ending) = match ends {
        [Ends::Panics] => ("Panic", Ending::Panicked),
        [Ends::Exits(code)] => ("Exit", Ending::Exited { code: *code }),
        [Ends::Deadlocks] => {
            let lines: Vec<String> = report?.lines().map(str::to_owned).collect();
            return Some(Failure {
                name: "Deadlock".to_owned(),
                sentence: lines.first()?.clone(),
                lines,
            });
        }
        _ => return None,
    };
    let sentence = ending.to_string();
    Some(Failure {
        name: name.to_owned(),
        lines: vec![format!("{name}: {sentence}")],
        sentence,
    })
}

fn not_called(ends: &[Ends]) -> Option<String> {
    let what = ends.iter().find_map(|ends| match ends {
        Ends::Deadlocks | Ends::NeverEnds => Some("wait forever"),
        Ends::Exits(_) => Some("lose all of its variables"),
        Ends::Returns | Ends::Panics => None,
    })?;
    let surely = if ends.len() == 1 { "would" } else { "might" };
    Some(format!("{surely} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_comment_and_comes_back() {
        let note = Note {
            name: "it".to_owned(),
            title: "--> {{#include x}} ---".to_owned(),
            file: "it.rs".to_owned(),
            ending: String::new(),
            crates: vec!["a = { version = \"1\" }".to_owned()],
            may_fail: true,
            not_called: None,
            stdout: "one\n\ntwo -->\n".to_owned(),
            stderr: "{{{{--".to_owned(),
            error: None,
        };
        let comment = note.comment().unwrap();
        assert!(
            !comment.contains('\n') && !comment.contains("{{"),
            "{comment}"
        );
        assert_eq!(comment.matches("--").count(), 2, "{comment}");
        assert_eq!(Note::read(&comment), Some(note));
    }

    #[test]
    fn other_comments_are_no_notes() {
        for html in ["<!-- a comment -->", "<p>interleaved: {}</p>", ""] {
            assert_eq!(Note::read(html), None);
        }
    }
}
