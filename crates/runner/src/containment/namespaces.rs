//! Namespaces: what a program sees of the machine, and whose it is there.
//!
//! A process in a user namespace of its own has all rights in it and none
//! outside, so that it may make the others; and the processes of each user are
//! counted in it anew.

use crate::containment::first_process::{self, Channel, Go, Word};
use crate::supervisor::Order;
use rustix::process::{Pid, Signal, WaitOptions};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Who a program is where we are root: the user `nobody`, who owns nothing.
pub(crate) const OTHER_USER: u32 = 65534;

/// A program that runs in namespaces of its own.
pub(crate) struct Contained {
    /// The first process in them, whose end ends all the others.
    pub(crate) first: Pid,
    /// Where it tells how the program ended.
    pub(crate) channel: Channel,
    /// Where to be asked before a process is started.
    pub(crate) asks: Option<OwnedFd>,
    /// What the kernel refused, a sentence each.
    pub(crate) lacks: Vec<String>,
}

/// Why a program doesn't run in namespaces.
pub(crate) enum Refused {
    /// The kernel makes none: it can run without.
    Namespaces(String),
    /// The program can't be started at all.
    Program(io::Error),
}

/// Starts the program as the second process in namespaces of its own, in the
/// control group that is joined through a file.
pub(crate) fn start(
    order: &Order,
    input: OwnedFd,
    group: Option<OwnedFd>,
) -> Result<Contained, Refused> {
    let none = |what: &str, error: io::Error| match is_full(&error) {
        // Later there will be namespaces again.
        true => Refused::Program(error),
        false => Refused::Namespaces(format!("{what}: {error}")),
    };
    let (ours, theirs) = Channel::pair().map_err(|error| none("no socket", error))?;
    let Some(first) = clone_into_namespaces().map_err(|error| none("clone", error))? else {
        drop(ours);
        first_process::run(order, input, theirs, group);
    };
    drop((theirs, input, group));
    // If memory runs out, the kernel is to kill the program rather than a bystander.
    let _ = fs::write(format!("/proc/{first}/oom_score_adj"), "1000");
    let mut lacks = Vec::new();
    let started = map_users(order, first, &mut lacks)
        .map_err(|error| none("its users", error))
        .and_then(|user| {
            crate::launch::hide();
            talk(&ours, user, &mut lacks)
        });
    match started {
        Ok(asks) => Ok(Contained {
            first,
            channel: ours,
            asks,
            lacks,
        }),
        Err(refused) => {
            let _ = rustix::process::kill_process(first, Signal::KILL);
            let _ = rustix::process::waitpid(Some(first), WaitOptions::empty());
            Err(refused)
        }
    }
}

/// Whether the machine only has no room just now.
fn is_full(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [libc::EAGAIN, libc::ENOMEM, libc::EMFILE, libc::ENFILE]
        .iter()
        .any(|full| code == Some(*full))
}

/// Lets the first process go on, until it has started the program.
fn talk(
    channel: &Channel,
    user: Option<u32>,
    lacks: &mut Vec<String>,
) -> Result<Option<OwnedFd>, Refused> {
    // Killed, by whomever: not a reason to run the program without it.
    let gone = || Refused::Program(io::Error::other("its first process is gone"));
    channel.send(&Go { user }).map_err(|_| gone())?;
    let mut asks = None;
    loop {
        match channel.receive().map_err(|_| gone())? {
            Word::Asks(listener) => asks = Some(listener),
            Word::Lacks(sentence) => lacks.push(sentence),
            Word::Started => return Ok(asks),
            Word::NotStarted { code, reason } => {
                return Err(Refused::Program(match code {
                    Some(code) => io::Error::from_raw_os_error(code),
                    None => io::Error::other(reason),
                }));
            }
            Word::Refused(reason) => return Err(Refused::Namespaces(reason)),
            Word::Ended { .. } => return Err(gone()),
        }
    }
}

/// Forks into new namespaces. `None` in the new process.
#[allow(unsafe_code)]
fn clone_into_namespaces() -> io::Result<Option<Pid>> {
    let namespaces =
        libc::CLONE_NEWUSER | libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC;
    let flags = libc::c_long::from(namespaces | libc::SIGCHLD);
    let zero: libc::c_long = 0;
    // SAFETY: without CLONE_VM this is fork(2). The process has a single
    // thread, so that its copy holds no lock that nobody releases.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, zero, zero, zero, zero) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid as i32)),
    }
}

/// Says who is who in the new namespace: our user is itself, or root is the
/// other one. Returns whom the first process has to become.
fn map_users(order: &Order, first: Pid, lacks: &mut Vec<String>) -> io::Result<Option<u32>> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let wanted = order.limits.means.other_user
        && order
            .confinement
            .as_ref()
            .is_some_and(|it| it.as_other_user);
    if user.is_root() && wanted {
        match map_other_user(order, first) {
            Ok(()) => return Ok(Some(OTHER_USER)),
            Err(error) => lacks.push(format!(
                "Programs run as root, since they can't be another user's here ({error}): the \
                 kernel doesn't bound their threads."
            )),
        }
    }
    let proc = format!("/proc/{first}");
    fs::write(format!("{proc}/uid_map"), map(user.as_raw()))?;
    // Where one may not set groups, one may say who one's own is.
    let _ = fs::write(format!("{proc}/setgroups"), "deny");
    fs::write(format!("{proc}/gid_map"), map(group.as_raw()))?;
    Ok(None)
}

fn map_other_user(order: &Order, first: Pid) -> io::Result<()> {
    if let Some(scratch) = &order.scratch {
        if !is_reachable(&scratch.folder) {
            return Err(io::Error::other("its folder is out of reach for others"));
        }
        chown(&scratch.folder, Some(OTHER_USER), Some(OTHER_USER))?;
    }
    fs::write(format!("/proc/{first}/uid_map"), map(OTHER_USER))?;
    fs::write(format!("/proc/{first}/gid_map"), map(OTHER_USER))
}

fn map(id: u32) -> String {
    format!("{id} {id} 1\n")
}

/// Whether everyone may go where this is.
pub(crate) fn is_reachable(path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .all(|folder| fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
}
