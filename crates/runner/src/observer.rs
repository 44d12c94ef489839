//! What a process that we didn't start through a supervisor does (Linux only).

use crate::deadlock;
use crate::processes::{self, Process};
use crate::reading::{self, Reading};
use rustix::process::{Pid, Signal};
use std::fs;

/// Watches one process, and not those that it starts.
pub struct Observer {
    pid: Pid,
    reading: Option<reading::Watch>,
    deadlock: deadlock::Watch,
}

/// What a process was found to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// Resident memory in bytes.
    pub resident: u64,
    /// How many threads it has.
    pub threads: u64,
    /// Whether a thread of it has begun to wait for its standard input.
    pub asks: bool,
    /// Whether all its threads have been blocked since it was last looked at.
    pub deadlocked: bool,
}

impl Observer {
    /// Watches the process with this number; `None` if there is none.
    pub fn new(pid: i32) -> Option<Observer> {
        Some(Observer {
            pid: Pid::from_raw(pid)?,
            reading: fs::read_link(format!("/proc/{pid}/fd/0"))
                .ok()
                .map(reading::Watch::new),
            deadlock: deadlock::Watch::default(),
        })
    }

    /// Looks; `None` once it is gone.
    pub fn look(&mut self) -> Option<Observed> {
        let process = Process::read(self.pid).filter(|process| !process.zombie)?;
        let (resident, threads) = (process.resident, process.threads);
        let process = [process];
        let asks = match &mut self.reading {
            Some(reading) => reading.look(&process) == Reading::Asks,
            None => false,
        };
        Some(Observed {
            resident,
            threads,
            asks,
            deadlocked: self.deadlock.look(&process).is_some(),
        })
    }
}

/// Kills every process that this one has started, directly or not, unless
/// it is, or was started by, the one to `keep`.
pub fn kill_descendants_except(keep: i32) {
    let mut unvisited = vec![rustix::process::getpid()];
    while let Some(pid) = unvisited.pop() {
        for child in processes::children(pid).unwrap_or_default() {
            if child.as_raw_nonzero().get() == keep {
                continue;
            }
            unvisited.push(child);
            let _ = rustix::process::kill_process(child, Signal::KILL);
        }
    }
}
