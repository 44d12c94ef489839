//! The processes below another one, read from `/proc` (proc(5)).

use rustix::process::Pid;
use std::collections::BTreeMap;
use std::fs;

/// With more threads than this, reading which children each thread has takes
/// longer than reading whose child every process is.
const FEW_THREADS: u64 = 64;

/// One process, as it was a moment ago.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: Pid,
    parent: i32,
    /// Ended, but not reaped by its parent.
    pub(crate) zombie: bool,
    pub(crate) threads: u64,
    /// In bytes, pages shared with other processes included.
    pub(crate) resident: u64,
    /// Time on a processor, in the kernel's clock ticks.
    pub(crate) cpu_ticks: u64,
}

/// Every process below this one, except those that come and go meanwhile.
/// Stops counting once there are more than so many.
pub(crate) fn below(root: Pid, at_most: u64) -> Vec<Process> {
    let mut found = Vec::new();
    // The root's own threads are few, so the first step never needs the long way.
    let mut unvisited = match children(root) {
        Some(children) => children,
        None => return below_the_long_way(root, at_most),
    };
    while let Some(pid) = unvisited.pop() {
        let Some(process) = Process::read(pid) else {
            continue;
        };
        if process.threads > FEW_THREADS {
            return below_the_long_way(root, at_most);
        }
        found.push(process);
        if found.len() as u64 > at_most {
            return found;
        }
        unvisited.extend(children(pid).unwrap_or_default());
    }
    found
}

/// The children of all threads of a process, or `None` where the kernel
/// doesn't list them (`CONFIG_PROC_CHILDREN`).
pub(crate) fn children(pid: Pid) -> Option<Vec<Pid>> {
    let mut children = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
        let Ok(list) = fs::read_to_string(thread.path().join("children")) else {
            if thread.path().exists() {
                return None;
            }
            continue;
        };
        children.extend(list.split_ascii_whitespace().filter_map(parse_pid));
    }
    Some(children)
}

/// Reads every process of the machine to find those below this one.
fn below_the_long_way(root: Pid, at_most: u64) -> Vec<Process> {
    let mut by_parent: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
    for pid in all() {
        if let Some(process) = Process::read(pid) {
            by_parent.entry(process.parent).or_default().push(process);
        }
    }
    let mut found: Vec<Process> = Vec::new();
    let mut unvisited = vec![root];
    while let Some(pid) = unvisited.pop() {
        let children = by_parent
            .remove(&pid.as_raw_nonzero().get())
            .unwrap_or_default();
        unvisited.extend(children.iter().map(|child| child.pid));
        found.extend(children);
        if found.len() as u64 > at_most {
            return found;
        }
    }
    found
}

/// The number of every process of the machine.
pub(crate) fn all() -> impl Iterator<Item = Pid> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| parse_pid(entry.file_name().to_str()?))
}

fn parse_pid(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}

impl Process {
    pub(crate) fn read(pid: Pid) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Process::parse(pid, &stat)
    }

    /// The second field is the program's name in parentheses, which may
    /// itself hold spaces and parentheses.
    fn parse(pid: Pid, stat: &str) -> Option<Process> {
        let (_, after_name) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
        // proc(5) counts from 1; the first field here is its third.
        let field = |number: usize| fields.get(number - 3).copied();
        let number = |at: usize| field(at)?.parse::<u64>().ok();
        Some(Process {
            pid,
            parent: field(4)?.parse().ok()?,
            zombie: matches!(field(3)?, "Z" | "X"),
            cpu_ticks: number(14)? + number(15)?,
            threads: number(20)?,
            resident: number(24)? * rustix::param::page_size() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_name_with_parentheses() {
        let stat = "7 (a) (b) S 3 7 7 0 -1 4194304 1 0 0 0 5 6 0 0 20 0 9 0 100 1000 42 0 0";
        let pid = parse_pid("7").unwrap();
        let process = Process::parse(pid, stat).unwrap();
        assert_eq!(process.parent, 3);
        assert_eq!(process.cpu_ticks, 11);
        assert_eq!(process.threads, 9);
        assert_eq!(process.resident, 42 * rustix::param::page_size() as u64);
        assert!(!process.zombie);
    }
}
