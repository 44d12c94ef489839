//! The process that has started the kernel: when it is gone, so is everyone who
//! could end the kernel.

use rustix::process::{Pid, getppid, test_kill_process};
use std::env;
use std::thread;
use std::time::Duration;

/// How often to look whether it is still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Jupyter, and whoever started the kernel on its behalf.
#[derive(Debug)]
pub struct Parent {
    /// Who started us: Jupyter itself, or a script of its.
    direct: Option<Pid>,
    /// Who Jupyter says it is, if we can see it.
    jupyter: Option<Pid>,
}

impl Parent {
    /// Jupyter, if it has started this process and hasn't asked it to stay:
    /// then `JPY_PARENT_PID` is set.
    pub fn of_a_kernel() -> Option<Parent> {
        let named: i32 = env::var("JPY_PARENT_PID").ok()?.parse().ok()?;
        Some(Parent {
            direct: getppid(),
            // A container can have numbers of its own.
            jupyter: Pid::from_raw(named).filter(|pid| is_there(*pid)),
        })
    }

    /// Waits until either is gone.
    pub fn wait_until_gone(&self) {
        while getppid() == self.direct && self.jupyter.is_none_or(is_there) {
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Another user's process can't be killed, and is there.
fn is_there(pid: Pid) -> bool {
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}
