//! Telling a real program that is stuck for good from one that waits.
//!
//! All its threads sleep in futex(2) without a timeout, and none of them has
//! run between two looks: then none of them can wake another. Only with Linux;
//! elsewhere nothing is said.

use std::fs;
use std::path::Path;

/// What was seen of a program's threads the last time.
#[derive(Default)]
pub(crate) struct Watch {
    last: Option<Vec<String>>,
}

/// futex(2)'s number, and the operations that sleep, without their flags.
const FUTEX: &str = if cfg!(target_arch = "x86_64") {
    "202"
} else {
    "98"
};
const WAITS: [u64; 2] = [0, 9];
const OPERATION: u64 = 0x7f;

impl Watch {
    /// Looks once more. Whether every thread has been stuck since the last
    /// time.
    pub(crate) fn is_stuck(&mut self, process: u32) -> bool {
        let now = look(process);
        let is_stuck = now.is_some() && now == self.last;
        self.last = now;
        is_stuck
    }
}

/// What each thread waits for and how often it has run; `None` if one doesn't
/// wait, or may go on by itself.
fn look(process: u32) -> Option<Vec<String>> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let threads: Option<Vec<String>> = threads.map(|thread| wait(&thread.ok()?.path())).collect();
    threads.filter(|threads| !threads.is_empty())
}

fn wait(thread: &Path) -> Option<String> {
    let call = fs::read_to_string(thread.join("syscall")).ok()?;
    let mut words = call.split_whitespace();
    let number = words.next()?;
    let mut words = words.map_while(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok());
    let (_, operation, _, timeout) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if number != FUTEX || timeout != 0 || !WAITS.contains(&(operation & OPERATION)) {
        return None;
    }
    let status = fs::read_to_string(thread.join("status")).ok()?;
    let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
    Some(switches.fold(call, |all, line| all + line))
}
