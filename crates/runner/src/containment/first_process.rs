//! The first process in a program's namespaces.
//!
//! It gets them ready, starts the program, takes in what the program leaves
//! behind, and tells the supervisor how the program ended. When it ends, which
//! it does with the program or the supervisor, the kernel kills all others in
//! the namespace of processes, however many they are.

use crate::containment::paths::Paths;
use crate::containment::{group, namespaces};
use crate::launch::{self, Launch};
use crate::supervisor::{Order, Why, why};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::{Signal, WaitOptions};
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process;

/// More than any message is long.
const MESSAGE: usize = 16 << 10;

/// The first process may go on.
#[derive(Serialize, Deserialize)]
pub(crate) struct Go {
    /// Whom it has to become.
    pub(crate) user: Option<u32>,
}

/// What is told of a program.
pub(crate) enum Word {
    /// Where its supervisor is asked before it starts a process.
    Asks(OwnedFd),
    /// What the kernel refused, as a sentence.
    Lacks(String),
    /// The namespaces are of no use, for this reason.
    Refused(String),
    Started,
    NotStarted {
        code: Option<i32>,
        reason: String,
    },
    Ended {
        why: Why,
    },
}

#[derive(Serialize, Deserialize)]
enum Text {
    Lacks(String),
    Refused(String),
    Started,
    NotStarted { code: Option<i32>, reason: String },
    Ended { why: Why },
}

/// A socket that keeps messages apart. A message of a single byte comes with an
/// open file.
pub(crate) struct Channel(OwnedFd);

impl From<OwnedFd> for Channel {
    fn from(socket: OwnedFd) -> Channel {
        Channel(socket)
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Channel {
    pub(crate) fn pair() -> io::Result<(Channel, Channel)> {
        let kind = SocketType::SEQPACKET;
        let (one, other) = socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?;
        Ok((Channel(one), Channel(other)))
    }

    pub(crate) fn send(&self, message: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_vec(message)?;
        rustix::net::send(&self.0, &json, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Sends an open file. Neither locks nor allocates: it is sent by a process
    /// that is about to run its program.
    pub(crate) fn pass(&self, file: BorrowedFd<'_>) -> rustix::io::Result<()> {
        let files = [file];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&files));
        let byte = [IoSlice::new(&[0])];
        sendmsg(&self.0, &byte, &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Waits for the next message.
    pub(crate) fn receive(&self) -> io::Result<Word> {
        let mut bytes = [0; MESSAGE];
        let (length, file) = self.receive_into(&mut bytes, RecvFlags::empty())?;
        if let Some(file) = file {
            return Ok(Word::Asks(file));
        }
        Ok(match serde_json::from_slice(&bytes[..length])? {
            Text::Lacks(sentence) => Word::Lacks(sentence),
            Text::Refused(reason) => Word::Refused(reason),
            Text::Started => Word::Started,
            Text::NotStarted { code, reason } => Word::NotStarted { code, reason },
            Text::Ended { why } => Word::Ended { why },
        })
    }

    /// The file that was passed already, if one was.
    pub(crate) fn passed(&self) -> Option<OwnedFd> {
        self.receive_into(&mut [0; MESSAGE], RecvFlags::DONTWAIT)
            .ok()?
            .1
    }

    fn receive_into(
        &self,
        bytes: &mut [u8],
        flags: RecvFlags,
    ) -> io::Result<(usize, Option<OwnedFd>)> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let mut slice = [IoSliceMut::new(bytes)];
            let flags = flags | RecvFlags::CMSG_CLOEXEC;
            match recvmsg(&self.0, &mut slice, &mut control, flags) {
                Err(rustix::io::Errno::INTR) => {}
                received => break received?,
            }
        };
        let file = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut files) => files.next(),
            _ => None,
        });
        match received.bytes {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok((length, file)),
        }
    }

    fn say(&self, text: &Text) {
        // Without a supervisor this process dies.
        let _ = self.send(text);
    }

    fn hear_go(&self) -> io::Result<Go> {
        let mut bytes = [0; MESSAGE];
        let (length, _) = self.receive_into(&mut bytes, RecvFlags::empty())?;
        Ok(serde_json::from_slice(&bytes[..length])?)
    }

    /// Whether the other side is gone.
    fn is_over(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        matches!(self.receive_into(&mut [0], flags), Err(error)
            if error.kind() == io::ErrorKind::UnexpectedEof)
    }
}

/// Is the first process, from its first instant to its last.
pub(crate) fn run(order: &Order, input: OwnedFd, channel: Channel, group: Option<OwnedFd>) -> ! {
    die_with_the_supervisor();
    let measured = group.is_some_and(|door| match group::enter(&door) {
        Ok(()) => true,
        Err(error) => {
            channel.say(&Text::Lacks(group::lack(&error)));
            false
        }
    });
    // Its end tells if it died before that was asked for.
    let Ok(go) = channel.hear_go() else {
        process::exit(1);
    };
    // While this process may still go everywhere.
    let program = match go.user.is_some() && !namespaces::is_reachable(&order.program) {
        true => File::open(&order.program).map(OwnedFd::from).map(Some),
        false => Ok(None),
    };
    let program = match program {
        Ok(program) => program,
        Err(error) => not_started(&channel, &error),
    };
    let ruleset = match prepare(order, &go, &channel) {
        Ok(ruleset) => ruleset,
        Err(reason) => {
            channel.say(&Text::Refused(reason));
            process::exit(1);
        }
    };
    // A change of user takes this back.
    die_with_the_supervisor();
    launch::hide();
    if channel.is_over() {
        process::exit(1);
    }
    let launch = Launch {
        order,
        ruleset,
        channel: &channel,
        namespaced: true,
        program,
        group: None,
        measured,
    };
    let program = match launch.start(input) {
        Ok(program) => program,
        Err(error) => not_started(&channel, &error),
    };
    channel.say(&Text::Started);
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                let why = why(status);
                channel.say(&Text::Ended { why });
                process::exit(0);
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => process::exit(1),
        }
    }
}

fn not_started(channel: &Channel, error: &io::Error) -> ! {
    let code = error.raw_os_error();
    let reason = error.to_string();
    channel.say(&Text::NotStarted { code, reason });
    process::exit(1);
}

fn die_with_the_supervisor() {
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
}

/// Gets the namespaces ready. Returns where the program may read and write.
fn prepare(order: &Order, go: &Go, channel: &Channel) -> Result<Option<OwnedFd>, String> {
    let lacks = |sentence: String| channel.say(&Text::Lacks(sentence));
    // What is mounted here is mounted nowhere else.
    let all = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
    mount_change("/", all).map_err(|error| format!("its mounts: {error}"))?;
    let fixed = MountFlags::NOSUID | MountFlags::NODEV;
    // Where a container hides parts of /proc there can't be another one. The
    // program sees more processes then, of which it can reach none.
    let _ = mount(
        "proc",
        "/proc",
        "proc",
        fixed | MountFlags::NOEXEC,
        None::<&CStr>,
    );
    let confinement = order.confinement.as_ref();
    if let Some(scratch) = &order.scratch
        && confinement.is_some_and(|it| it.folder_in_memory)
    {
        let folder = &scratch.folder;
        let user = go.user.unwrap_or(rustix::process::geteuid().as_raw());
        let group = go.user.unwrap_or(rustix::process::getegid().as_raw());
        let (bytes, files) = (order.limits.disk, order.limits.disk / BYTES_A_FILE);
        let options = format!("mode=700,uid={user},gid={group},size={bytes},nr_inodes={files}");
        let options = CString::new(options).map_err(|error| error.to_string())?;
        if let Err(error) = mount("tmpfs", folder, "tmpfs", fixed, Some(&*options)) {
            lacks(format!(
                "A program's folder can't be in memory ({error}): what it writes is measured, \
                 and not bounded by the kernel."
            ));
        }
    }
    let ruleset = Paths::of(order).ruleset();
    let ruleset = ruleset.unwrap_or_else(|sentence| {
        lacks(sentence);
        None
    });
    if let Some(user) = go.user {
        become_user(user).map_err(|error| format!("another user: {error}"))?;
    }
    Ok(ruleset)
}

/// A file system in memory has room for a file for each of so many bytes.
const BYTES_A_FILE: u64 = 16 << 10;

/// Becomes another user, with that user's group alone.
#[allow(unsafe_code)]
fn become_user(id: u32) -> io::Result<()> {
    // SAFETY: plain system calls, in a process that has a single thread.
    let failed = unsafe {
        libc::syscall(
            libc::SYS_setgroups,
            0_usize,
            std::ptr::null::<libc::gid_t>(),
        ) != 0
            || libc::syscall(libc::SYS_setresgid, id, id, id) != 0
            || libc::syscall(libc::SYS_setresuid, id, id, id) != 0
    };
    match failed {
        true => Err(io::Error::last_os_error()),
        false => Ok(()),
    }
}
