//! Takes from a server the room for further processes and threads, as a machine
//! does that is full, and gives it back.

use super::Server;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The room that a server has.
pub(crate) enum Room {
    /// Root is bound by a control group alone.
    Group { folder: PathBuf, parent: PathBuf },
    /// Everyone else by a limit, which counts all that the user has.
    Limit(Pid),
}

impl Room {
    /// `None` where root can't make a control group.
    pub(crate) fn of(server: &Server) -> Option<Room> {
        if !rustix::process::geteuid().is_root() {
            return Some(Room::Limit(server.pid()));
        }
        let pid = server.pid().as_raw_nonzero();
        let parent = hierarchy(&fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?)?;
        let folder = parent.join(format!("interleaved-test-{pid}"));
        fs::create_dir(&folder).ok()?;
        let room = Room::Group { folder, parent };
        let is_there = room.set("pids.max", "max") && room.set("cgroup.procs", &pid.to_string());
        is_there.then_some(room)
    }

    /// Lets the server have so many more processes and threads than it has.
    pub(crate) fn bound(&self, more: u32) {
        match self {
            Room::Group { folder, .. } => {
                let now = fs::read_to_string(folder.join("pids.current")).unwrap();
                let now: u32 = now.trim().parse().unwrap();
                assert!(self.set("pids.max", &(now + more).to_string()));
            }
            // How many there are in all isn't told: with little room there is none.
            Room::Limit(pid) => limit(*pid, Some(u64::from(more).max(1))),
        }
    }

    pub(crate) fn free(&self) {
        match self {
            Room::Group { .. } => assert!(self.set("pids.max", "max")),
            Room::Limit(pid) => limit(*pid, getrlimit(Resource::Nproc).current),
        }
    }

    fn set(&self, file: &str, value: &str) -> bool {
        match self {
            Room::Group { folder, .. } => fs::write(folder.join(file), value).is_ok(),
            Room::Limit(_) => false,
        }
    }
}

fn limit(pid: Pid, current: Option<u64>) {
    let maximum = getrlimit(Resource::Nproc).maximum;
    prlimit(Some(pid), Resource::Nproc, Rlimit { current, maximum }).unwrap();
}

/// Where control groups that count processes can be made, given `/proc/PID/cgroup`.
fn hierarchy(groups: &str) -> Option<PathBuf> {
    let of = |root: &str, path: &str| Path::new(root).join(path.trim_start_matches('/'));
    let known = groups.lines().filter_map(|line| {
        let (_, group) = line.split_once(':')?;
        let (controllers, path) = group.split_once(':')?;
        match controllers {
            "" => Some(of("/sys/fs/cgroup", path)),
            "pids" => Some(of("/sys/fs/cgroup/pids", path)),
            _ => None,
        }
    });
    let mut known = known.filter(|folder| {
        let counts = folder.starts_with("/sys/fs/cgroup/pids")
            || fs::read_to_string(folder.join("cgroup.subtree_control"))
                .is_ok_and(|controllers| controllers.contains("pids"));
        counts && folder.is_dir()
    });
    known.next()
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Room::Group { folder, parent } = self {
            // Only an empty one can be removed, and what ends is in it for a while.
            for _ in 0..100 {
                let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
                for member in members.lines() {
                    let _ = fs::write(parent.join("cgroup.procs"), member);
                }
                if fs::remove_dir(&*folder).is_ok() {
                    return;
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
