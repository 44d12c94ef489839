//! Telling a program that waits for someone to type.
//!
//! A thread that reads from an empty pipe or socket sleeps in read(2) or
//! readv(2). The file that it reads from is the program's standard input if
//! both have the same name in `/proc/PID/fd`, which holds the pipe's number.

use crate::processes::Process;
use crate::threads::{self, Call, Waiting};
use std::fs;
use std::path::{Path, PathBuf};

/// The numbers of read(2) and readv(2).
#[cfg(target_arch = "x86_64")]
const READS: &[u64] = &[0, 19];
#[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
const READS: &[u64] = &[63, 65];
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
)))]
const READS: &[u64] = &[];

/// Remembers which thread waited last.
pub(crate) struct Watch {
    /// What `/proc` calls the standard input, `pipe:[12345]` for example.
    input: PathBuf,
    last: Option<Waiting>,
}

impl Watch {
    /// Watches for reads of the file that `/proc` calls so.
    pub(crate) fn new(input: PathBuf) -> Watch {
        Watch { input, last: None }
    }

    /// Whether a thread waits to read from the standard input.
    pub(crate) fn look(&mut self, processes: &[Process]) -> Reading {
        let Some(now) = self.find(processes) else {
            self.last = None;
            return Reading::No;
        };
        let still = self.last.as_ref() == Some(&now);
        self.last = Some(now);
        if still { Reading::Still } else { Reading::Asks }
    }

    fn find(&self, processes: &[Process]) -> Option<Waiting> {
        for process in processes.iter().filter(|process| !process.zombie) {
            let process = process.pid.as_raw_nonzero().get();
            for thread in threads::of(process)?.flatten() {
                let waiting = Waiting::read(process, thread, |call| self.is_read(process, call));
                if waiting.is_some() {
                    return waiting;
                }
            }
        }
        None
    }

    fn is_read(&self, process: i32, call: &Call) -> bool {
        let Some(file) = call.arguments.first() else {
            return false;
        };
        READS.contains(&call.number)
            && fs::read_link(format!("/proc/{process}/fd/{file}"))
                .is_ok_and(|name: PathBuf| Path::new(&name) == self.input)
    }
}

/// What a program does with its standard input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing.
    No,
    /// Waits for it, which was not known yet.
    Asks,
    /// Has been waiting for it.
    Still,
}
