//! Telling a program that is stuck for good from one that waits.
//!
//! On Linux every blocking operation of the standard library and of crossbeam
//! ends in the system call futex(2). A thread that sleeps in it without a
//! timeout is woken only by another thread of its program. So if all threads
//! are there at the same moment, they stay there.
//!
//! No moment can be read at once, thread by thread; two readings do. If no
//! thread ran between being read the first and the second time, which the
//! count of its context switches tells, then all of them were blocked in the
//! instant between the readings.
//!
//! Where that can't be read, nothing is said.

use crate::processes::Process;
use crate::threads::{self, Call, Waiting};

/// futex(2)'s number, and the operations that sleep.
#[cfg(target_arch = "x86_64")]
const FUTEX: Option<u64> = Some(202);
#[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
const FUTEX: Option<u64> = Some(98);
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
)))]
const FUTEX: Option<u64> = None;
const FUTEX_WAIT: u64 = 0;
const FUTEX_WAIT_BITSET: u64 = 9;
/// Without the flags for "private" and "which clock".
const OPERATION: u64 = 0x7f;

/// Remembers the last reading of a program's threads.
#[derive(Default)]
pub(crate) struct Watch {
    last: Option<Vec<Waiting>>,
}

impl Watch {
    /// Reads all threads once more. If every one of them has been blocked
    /// since the last time, returns how many they are.
    pub(crate) fn look(&mut self, processes: &[Process]) -> Option<usize> {
        let now = read_all(processes);
        if now.is_some() && now == self.last {
            return now.map(|threads| threads.len());
        }
        self.last = now;
        None
    }
}

/// Every thread, or `None` if there is one that isn't blocked, or none at all.
fn read_all(processes: &[Process]) -> Option<Vec<Waiting>> {
    let mut blocked = Vec::new();
    for process in processes.iter().filter(|process| !process.zombie) {
        let process = process.pid.as_raw_nonzero().get();
        for thread in threads::of(process)? {
            blocked.push(Waiting::read(process, thread?, is_endless_wait)?);
        }
    }
    (!blocked.is_empty()).then_some(blocked)
}

/// Whether a call is futex(2) asked to sleep with no timeout. Its arguments:
/// address, operation, value, timeout, and two more.
fn is_endless_wait(call: &Call) -> bool {
    let [_address, operation, _value, timeout, ..] = call.arguments[..] else {
        return false;
    };
    Some(call.number) == FUTEX
        && matches!(operation & OPERATION, FUTEX_WAIT | FUTEX_WAIT_BITSET)
        && timeout == 0
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use crate::threads::Call;

    fn is_endless_wait(line: &str) -> bool {
        Call::parse(line).is_some_and(|call| super::is_endless_wait(&call))
    }

    #[test]
    fn tells_an_endless_wait_from_others() {
        let join = "202 0x7f5 0x109 0x2b 0x0 0x0 0xffffffff 0x7ffd 0x7f60";
        let park_timeout = "202 0x7f5 0x189 0x0 0x7ffd1 0x0 0xffffffff 0x7ffd 0x7f60";
        let wake = "202 0x7f5 0x81 0x1 0x0 0x0 0x0 0x7ffd 0x7f60";
        let sleep = "230 0x0 0x0 0x7ffd 0x7ffd 0x0 0x0 0x7ffd 0x7f60";
        assert!(is_endless_wait(join));
        assert!(!is_endless_wait(park_timeout));
        assert!(!is_endless_wait(wake));
        assert!(!is_endless_wait(sleep));
        assert!(!is_endless_wait("running"));
        assert!(!is_endless_wait(""));
    }
}
