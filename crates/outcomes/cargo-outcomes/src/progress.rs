//! A line on stderr that says what is being done, for what may take longer
//! than a second.

use crate::stderr::say;
use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

/// The line. On a terminal it is written over; elsewhere only its beginning
/// and its end are written.
pub struct Progress {
    what: String,
    started: Instant,
    on_terminal: bool,
}

impl Progress {
    /// Begins to do something.
    pub fn begin(what: &str) -> Progress {
        let progress = Progress {
            what: what.to_owned(),
            started: Instant::now(),
            on_terminal: stderr().is_terminal(),
        };
        if progress.on_terminal {
            progress.write_over(&format!("{what} …"));
        } else {
            say(format_args!("{what} …"));
        }
        progress
    }

    /// Says how far it is.
    pub fn step(&self, done: usize, total: usize, name: &str) {
        if self.on_terminal {
            self.write_over(&format!("{} … {done} of {total}: {name}", self.what));
        }
    }

    /// Says how far it is, where nobody knows how far it is to go.
    pub fn say(&self, how_far: &str) {
        if self.on_terminal {
            self.write_over(&format!("{} … {how_far}", self.what));
        }
    }

    /// Says that it is done.
    pub fn done(self) {
        let seconds = self.started.elapsed().as_secs_f64();
        let line = format!("{}: done in {seconds:.1} s", self.what);
        if self.on_terminal {
            self.write_over(&line);
        }
        say(if self.on_terminal { "" } else { &line });
    }

    /// Makes room for an error.
    pub fn failed(self) {
        if self.on_terminal {
            self.write_over("");
        }
    }

    fn write_over(&self, line: &str) {
        // A terminal that is gone needs no progress.
        let _ = write!(stderr(), "\r\x1b[K{line}");
        let _ = stderr().flush();
    }
}

/// The same for what is often done at once: nothing is written until there is
/// something to say.
pub struct LateProgress {
    what: String,
    begun: Option<Progress>,
}

impl LateProgress {
    /// For what may begin to take long.
    pub fn new(what: &str) -> LateProgress {
        LateProgress {
            what: what.to_owned(),
            begun: None,
        }
    }

    /// Says how far it is, if this step, or one before it, wasn't done already.
    pub fn step(&mut self, is_fresh: bool, done: usize, total: usize, name: &str) {
        if self.begun.is_some() || !is_fresh {
            self.begin().step(done, total, name);
        }
    }

    /// The line, from now on.
    pub fn begin(&mut self) -> &Progress {
        let what = &self.what;
        self.begun.get_or_insert_with(|| Progress::begin(what))
    }

    /// Says how it ended, if it was said that it began.
    pub fn end<T, E>(self, result: &Result<T, E>) {
        match (self.begun, result) {
            (Some(progress), Ok(_)) => progress.done(),
            (Some(progress), Err(_)) => progress.failed(),
            (None, _) => {}
        }
    }
}
