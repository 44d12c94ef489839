//! What the command's exit code says.

use std::process::ExitCode;

/// How a command that has an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was done, or the answer is yes: 0.
    Yes,
    /// The answer is no: 1.
    No,
    /// There is no telling: 2.
    Unknown,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Unknown => 2,
        })
    }
}
