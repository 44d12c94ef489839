//! What the threads of a process wait for, as `/proc/PID/task/TID/syscall`
//! tells (proc(5)). Where that can't be read, nothing is known.

use std::fs;

/// A thread in a system call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    process: i32,
    thread: String,
    /// The system call's number and arguments, the stack and the program counter.
    at: String,
    /// How often it gave up or lost its processor.
    switches: String,
}

impl Waiting {
    /// Reads a thread; `None` if it isn't in a system call that is `wanted`.
    pub(crate) fn read(
        process: i32,
        thread: String,
        wanted: impl FnOnce(&Call) -> bool,
    ) -> Option<Waiting> {
        let folder = format!("/proc/{process}/task/{thread}");
        let at = fs::read_to_string(format!("{folder}/syscall")).ok()?;
        if !Call::parse(&at).is_some_and(|call| wanted(&call)) {
            return None;
        }
        let status = fs::read_to_string(format!("{folder}/status")).ok()?;
        let switches = status
            .lines()
            .filter(|line| line.contains("ctxt_switches"))
            .collect();
        Some(Waiting {
            process,
            thread,
            at,
            switches,
        })
    }
}

/// The threads of a process, by number.
pub(crate) fn of(process: i32) -> Option<impl Iterator<Item = Option<String>>> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    Some(tasks.map(|task| task.ok()?.file_name().into_string().ok()))
}

/// A system call.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) arguments: Vec<u64>,
}

impl Call {
    /// `None` for a thread that runs, or waits outside of a system call.
    pub(crate) fn parse(line: &str) -> Option<Call> {
        let mut words = line.split_ascii_whitespace();
        Some(Call {
            number: words.next()?.parse().ok()?,
            arguments: words
                .filter_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok())
                .collect(),
        })
    }
}
