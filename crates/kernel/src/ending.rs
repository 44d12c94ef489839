//! How a cell ended, in the words of the protocol.

use crate::content::KernelError;
use runner::{BuildError, Ending, RunError};
use serde_json::{Value, json};
use std::time::Duration;

/// Not bold: of that, JupyterLab makes a red that is hard to read in its dark
/// theme.
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// What became of a cell.
pub(crate) struct Finish {
    /// What went wrong, if anything.
    pub(crate) error: Option<KernelError>,
    /// For the reply's metadata, under `interleaved`; the page's footer.
    pub(crate) metadata: Value,
}

impl Finish {
    /// A cell that did nothing, which is no error.
    pub(crate) fn nothing() -> Finish {
        Finish {
            error: None,
            metadata: json!({}),
        }
    }

    /// A cell that failed before anything of it ran.
    pub(crate) fn refused(error: KernelError) -> Finish {
        Finish {
            error: Some(error),
            metadata: json!({}),
        }
    }
}

/// An error whose traceback is the sentence itself.
pub(crate) fn error(ename: &str, evalue: impl Into<String>) -> KernelError {
    let evalue = evalue.into();
    KernelError {
        ename: ename.to_owned(),
        traceback: vec![format!("{RED}{ename}{PLAIN}: {evalue}")],
        evalue,
    }
}

/// Says of a program that doesn't compile which of the names that it lacks are
/// variables of the session.
pub(crate) fn name_variables<'a>(
    error: &mut KernelError,
    variables: impl Iterator<Item = &'a String>,
) {
    let words = runner::without_colours(&error.traceback.join("\n"));
    let is_missing =
        |name: &&String| words.contains(&format!("cannot find value `{name}` in this scope"));
    let missing: Vec<String> = variables
        .filter(is_missing)
        .map(|name| format!("`{name}`"))
        .collect();
    let (are, them) = match missing.len() {
        0 => return,
        1 => ("is a variable", "it"),
        _ => ("are variables", "them"),
    };
    let sentence = format!(
        "{} {are} of the session, which a program can't see, since it runs as a process of its \
         own: define {them} in the program, or as a const or static.",
        missing.join(", ")
    );
    error.traceback.push(String::new());
    error
        .traceback
        .push(format!("{RED}{}{PLAIN}: {sentence}", error.ename));
    error.evalue = sentence;
}

/// A run's ending as an error; `None` if it ended as it should.
pub(crate) fn error_of(ending: &Ending) -> Option<KernelError> {
    let ename = match ending {
        Ending::Returned => return None,
        Ending::Exited { .. } => "Exit",
        Ending::Panicked => "Panic",
        Ending::Signalled { .. } => "Signal",
        Ending::Deadlocked { .. } => "Deadlock",
        Ending::Stopped => "Interrupted",
        Ending::OverLimit { .. } => "Limit",
    };
    let sentence = ending.to_string();
    // Its name says the beginning.
    let evalue = match sentence.strip_prefix(&format!("{ename}: ")) {
        Some(rest) => rest[..1].to_uppercase() + &rest[1..],
        None => sentence,
    };
    Some(error(ename, evalue))
}

/// A build that failed.
pub(crate) fn build_failed(failure: BuildError, took: Duration) -> Finish {
    let (error, ending) = match failure {
        BuildError::Rejected { rendered, codes } => {
            let ending = json!({"kind": "rejected", "codes": codes});
            (rejected(&rendered), ending)
        }
        BuildError::Stopped => (
            error("Interrupted", "The compiler was stopped."),
            json!({"kind": "stopped"}),
        ),
        failure => (
            error("BuildError", failure.to_string()),
            json!({"kind": "not-built"}),
        ),
    };
    Finish {
        error: Some(error),
        metadata: json!({
            "ending": ending,
            "seconds": 0.0,
            "build": build(false, took),
        }),
    }
}

/// A program that could not be started.
pub(crate) fn not_started(failure: &RunError) -> Finish {
    Finish::refused(error("RunError", failure.to_string()))
}

/// How a build went, for the metadata.
pub(crate) fn build(cached: bool, took: Duration) -> Value {
    json!({"cached": cached, "seconds": took.as_secs_f64()})
}

/// rustc's words with its colours, but not bold where they have one: JupyterLab
/// makes of bold ones, and of the bright ones, what is hard to read in its dark
/// theme. What has no colour stays bold.
pub(crate) fn legible(rendered: &str) -> String {
    let mut pieces = rendered.split("\x1b[1m\x1b[");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.as_bytes() {
            [b'3' | b'9', b'0'..=b'7', b'm', ..] => {
                text += "\x1b[3";
                text += &piece[1..];
            }
            _ => {
                text += "\x1b[1m\x1b[";
                text += piece;
            }
        }
    }
    text
}

/// rustc's own words.
fn rejected(rendered: &str) -> KernelError {
    let first = rendered
        .lines()
        .map(runner::without_colours)
        .find(|line| line.starts_with("error"))
        .unwrap_or_else(|| "the compiler rejected the program".to_owned());
    KernelError {
        ename: "CompileError".to_owned(),
        evalue: first,
        traceback: legible(rendered).lines().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compile_error_is_named_by_its_first_line() {
        let rendered = "\x1b[33mwarning\x1b[0m: unused\n\
                        \x1b[1m\x1b[91merror[E0382]\x1b[0m\x1b[1m: use of moved value: `x`\x1b[0m\n \
                        --> main.rs:3:5";
        let error = rejected(rendered);
        assert_eq!(error.evalue, "error[E0382]: use of moved value: `x`");
        let shown = error.traceback.join("\n");
        assert_eq!(
            runner::without_colours(&shown),
            runner::without_colours(rendered)
        );
    }

    #[test]
    fn what_has_a_colour_is_neither_bold_nor_bright() {
        let rendered = "\x1b[1m\x1b[91merror\x1b[0m\x1b[1m: no\x1b[0m\n\x1b[1m\x1b[94m-->\x1b[0m \
                        \x1b[1m\x1b[33mwarning\x1b[0m \x1b[1m\x1b[4mline\x1b[0m\x1b[1m\x1b[";
        assert_eq!(
            legible(rendered),
            "\x1b[31merror\x1b[0m\x1b[1m: no\x1b[0m\n\x1b[34m-->\x1b[0m \
             \x1b[33mwarning\x1b[0m \x1b[1m\x1b[4mline\x1b[0m\x1b[1m\x1b["
        );
    }

    #[test]
    fn only_returning_is_no_error() {
        assert_eq!(error_of(&Ending::Returned), None);
        let deadlock = error_of(&Ending::Deadlocked { threads: 2 }).unwrap();
        assert_eq!(deadlock.evalue, "Both threads wait for each other.");
        assert_eq!(deadlock.traceback.join("\n").matches("Deadlock").count(), 1);
        let error = error_of(&Ending::Exited { code: 3 }).unwrap();
        assert_eq!(error.ename, "Exit");
        assert!(error.evalue.contains('3'), "{}", error.evalue);
    }
}
