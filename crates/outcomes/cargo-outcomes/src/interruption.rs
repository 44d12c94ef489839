//! Asking programs that explore to come to an end: each answers with what it knows so far.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static ASKED: Mutex<Asked> = Mutex::new(Asked {
    inputs: Vec::new(),
    is_interrupted: false,
});

struct Asked {
    /// The files that hold the requests which are being answered.
    inputs: Vec<PathBuf>,
    is_interrupted: bool,
}

fn asked() -> MutexGuard<'static, Asked> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request is being answered, until this is dropped.
pub(crate) struct Asking(Option<PathBuf>);

impl Asking {
    /// The request is in this file.
    pub(crate) fn from_file(input: Option<PathBuf>) -> Asking {
        asked().inputs.extend(input.clone());
        Asking(input)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        asked()
            .inputs
            .retain(|input| Some(input) != self.0.as_ref());
    }
}

/// Has what is being answered come to an end. Whether there was anything, and nobody has
/// said so before.
pub fn interrupt() -> bool {
    let mut asked = asked();
    if asked.is_interrupted || asked.inputs.is_empty() {
        return false;
    }
    asked.is_interrupted = true;
    asked.inputs.iter().all(|input| {
        let file = OpenOptions::new().append(true).open(input);
        file.and_then(|mut file| file.write_all(b"\nstop\n"))
            .is_ok()
    })
}

/// Whether somebody has said so.
pub fn is_interrupted() -> bool {
    asked().is_interrupted
}
