//! What the kernel itself keeps a program from, whether its supervisor looks
//! or not (Linux only).
//!
//! Measuring alone loses: a program that forks faster than anyone can count
//! runs away from it. So a program is given
//! - namespaces of its own ([`namespaces`]): its processes can neither see nor
//!   signal any but each other, and all die with the first of them
//!   ([`first_process`]); and they are another user's where we are root, since
//!   no limit binds root,
//! - a filter of system calls ([`system_calls`]), which asks the supervisor
//!   before each new process,
//! - where it may read and write ([`paths`]), which is its own folder, a file
//!   system of a bounded size in memory,
//! - a control group ([`group`]) that bounds memory as a whole.
//!
//! Each of them may be refused, by a container or by an old kernel. Then the
//! others do what they can, the supervisor measures as it does everywhere, and
//! what is lacking is said, a sentence each.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[cfg(target_os = "linux")]
pub(crate) mod first_process;
#[cfg(target_os = "linux")]
pub(crate) mod group;
#[cfg(target_os = "linux")]
pub(crate) mod namespaces;
#[cfg(target_os = "linux")]
pub(crate) mod paths;
#[cfg(target_os = "linux")]
pub(crate) mod system_calls;

/// Which of the kernel's means contain a program: all of them, unless told
/// otherwise. What the kernel refuses is done without, in any case. Linux only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Means {
    /// Namespaces for users, processes, mounts and System V's IPC.
    pub namespaces: bool,
    /// In them, another user in root's place.
    pub other_user: bool,
    /// A filter of system calls (seccomp).
    pub system_calls: bool,
    /// Where it may read and write (Landlock).
    pub paths: bool,
    /// A control group for its memory.
    pub group: bool,
}

impl Default for Means {
    fn default() -> Means {
        Means {
            namespaces: true,
            other_user: true,
            system_calls: true,
            paths: true,
            group: true,
        }
    }
}

impl Means {
    /// None of them: the supervisor measures, and that is all.
    pub fn none() -> Means {
        Means {
            namespaces: false,
            other_user: false,
            system_calls: false,
            paths: false,
            group: false,
        }
    }
}

/// How one program is to be contained, with the means that its limits name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Confinement {
    /// Whether it gets along as another user, who can read only what everyone
    /// can.
    pub(crate) as_other_user: bool,
    /// Whether its folder is a file system of its own, in memory.
    pub(crate) folder_in_memory: bool,
    /// What it may read besides the system's programs and libraries.
    pub(crate) readable: Vec<PathBuf>,
    /// What it may write to besides its folder.
    pub(crate) writable: Vec<PathBuf>,
}
