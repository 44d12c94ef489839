//! A control group for one program's memory, where one can be made: for root
//! in most places, and for whoever is delegated a part of the hierarchy.
//!
//! All memory counts in it, that of files in memory included. Whoever goes over
//! the limit is killed by the kernel.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process;

/// The names of our groups start so, and go on with the supervisor's number.
const NAME: &str = "interleaved-";

/// A group, which is removed when this is dropped.
pub(crate) struct Group {
    folder: PathBuf,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Version {
    One,
    Two,
}

impl Group {
    /// Makes a group whose processes have so many bytes together, and a quarter
    /// more for what the kernel keeps for them: 20,000 threads are much to it.
    ///
    /// # Errors
    /// Says why there can be none.
    pub(crate) fn make(memory: u64) -> io::Result<Group> {
        let hierarchies = Hierarchies::read()?;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let memory = memory.saturating_add(memory / 4);
        for (parent, version) in hierarchies.parents() {
            remove_abandoned(&parent);
            match Group::make_in(&parent, version, memory) {
                Ok(group) => return Ok(group),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn make_in(parent: &Path, version: Version, memory: u64) -> io::Result<Group> {
        let folder = parent.join(format!("{NAME}{}", process::id()));
        fs::create_dir(&folder)?;
        let group = Group { folder, version };
        match version {
            Version::One => {
                group.set("memory.limit_in_bytes", memory)?;
                // Not every kernel counts what is swapped out.
                let _ = group.set("memory.memsw.limit_in_bytes", memory);
            }
            Version::Two => {
                group.set("memory.max", memory)?;
                let _ = group.set("memory.swap.max", 0);
            }
        }
        Ok(group)
    }

    fn set(&self, name: &str, value: u64) -> io::Result<()> {
        fs::write(self.folder.join(name), value.to_string())
    }

    /// Where to [`enter`] it.
    pub(crate) fn door(&self) -> io::Result<OwnedFd> {
        // A single thread enters without the lock on all processes' threads,
        // for which one waits some milliseconds.
        let file = self.folder.join(match self.version {
            Version::One => "tasks",
            Version::Two => "cgroup.procs",
        });
        Ok(File::options().write(true).open(file)?.into())
    }

    /// Whether the kernel has killed for want of memory in this group.
    pub(crate) fn has_killed(&self) -> bool {
        let file = match self.version {
            Version::One => "memory.oom_control",
            Version::Two => "memory.events",
        };
        let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.strip_prefix("oom_kill "))
            .any(|times| times.trim() != "0")
    }
}

/// Puts this process, which has a single thread, into the group behind a door,
/// and so all that it starts from now on.
pub(crate) fn enter(door: &OwnedFd) -> io::Result<()> {
    rustix::io::write(door, b"0")?;
    Ok(())
}

/// What is lacking without a group.
pub(crate) fn lack(error: &io::Error) -> String {
    format!(
        "There can be no control group for a program's memory ({error}): what its processes \
         have in memory is measured, and memory that belongs to none of them is refused."
    )
}

impl Drop for Group {
    fn drop(&mut self) {
        // One in which a process won't die is removed by a later supervisor.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Removes the groups of supervisors that were killed.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let supervisor = name.to_str().and_then(|name| name.strip_prefix(NAME));
        let Some(supervisor) = supervisor.and_then(|number| number.parse::<i32>().ok()) else {
            continue;
        };
        // Numbers are used again; then it goes a little later.
        if !Path::new(&format!("/proc/{supervisor}")).exists() {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Where groups for memory are, and which is ours.
struct Hierarchies {
    mounts: String,
    ours: String,
}

impl Hierarchies {
    fn read() -> io::Result<Hierarchies> {
        Ok(Hierarchies {
            mounts: fs::read_to_string("/proc/self/mountinfo")?,
            ours: fs::read_to_string("/proc/self/cgroup")?,
        })
    }

    /// The folders in which a group may be made, the likeliest first.
    fn parents(&self) -> Vec<(PathBuf, Version)> {
        let mut parents = Vec::new();
        for line in self.mounts.lines() {
            let Some((mount, kind)) = Mount::parse(line) else {
                continue;
            };
            let Some(folder) = self.our_folder(&mount, kind) else {
                continue;
            };
            match kind {
                Version::One => parents.push((folder, kind)),
                // Only a group without processes of its own gives memory to
                // groups in it: an ancestor of ours, or its sibling can't be.
                Version::Two => parents.extend(
                    folder
                        .ancestors()
                        .take_while(|folder| folder.starts_with(mount.point))
                        .filter(|folder| gives_memory(folder))
                        .take(2)
                        .map(|folder| (folder.to_owned(), kind)),
                ),
            }
        }
        parents
    }

    /// Our group's folder in the hierarchy that is mounted there.
    fn our_folder(&self, mount: &Mount<'_>, kind: Version) -> Option<PathBuf> {
        let group = self.ours.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (_, controllers, group) = (parts.next()?, parts.next()?, parts.next()?);
            let is_it = match kind {
                Version::One => controllers.split(',').any(|it| it == "memory"),
                Version::Two => controllers.is_empty(),
            };
            is_it.then_some(group)
        })?;
        // A container sees a part of the hierarchy.
        let below = Path::new(group).strip_prefix(mount.root).ok()?;
        Some(Path::new(mount.point).join(below))
    }
}

fn gives_memory(folder: &Path) -> bool {
    let given = fs::read_to_string(folder.join("cgroup.subtree_control"));
    given.is_ok_and(|given| given.split_ascii_whitespace().any(|it| it == "memory"))
}

/// A line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct Mount<'a> {
    root: &'a str,
    point: &'a str,
}

impl Mount<'_> {
    /// `None` for what is no hierarchy of groups for memory.
    fn parse(line: &str) -> Option<(Mount<'_>, Version)> {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let mount = Mount {
            root: fields.next()?,
            point: fields.next()?,
        };
        let mut fields = after.split(' ');
        let version = match (fields.next()?, fields.nth(1)?) {
            ("cgroup", options) if options.split(',').any(|it| it == "memory") => Version::One,
            ("cgroup2", _) => Version::Two,
            _ => return None,
        };
        Some((mount, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_hierarchy_for_memory() {
        let hierarchies = Hierarchies {
            mounts: "30 25 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
                     31 25 0:27 /docker/a /sys/fs/cgroup/memory rw shared:5 - cgroup cgroup \
                     rw,memory\n"
                .to_owned(),
            ours: "8:pids:/x\n4:memory:/docker/a/b\n0::/\n".to_owned(),
        };
        let folder = PathBuf::from("/sys/fs/cgroup/memory/b");
        assert_eq!(hierarchies.parents(), [(folder, Version::One)]);
    }
}
