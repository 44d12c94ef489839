//! A filter of system calls (seccomp(2)), which no process of the program can
//! take off.
//!
//! Before a process is started, the supervisor is asked, who counts those that
//! there are: no program can fork faster than it can be counted. Threads are
//! not asked about, since a program may start thousands. Refused is what leads
//! out of the other bounds, or to others of the same user.

use crate::supervisor::Order;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// What the kernel calls the machine's own way of calling it: linux/audit.h.
#[cfg(target_arch = "x86_64")]
const NATIVE: Option<u32> = Some(0xC000_003E);
#[cfg(target_arch = "aarch64")]
const NATIVE: Option<u32> = Some(0xC000_00B7);
#[cfg(target_arch = "riscv64")]
const NATIVE: Option<u32> = Some(0xC000_00F3);
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
)))]
const NATIVE: Option<u32> = None;

/// From here on they are of the ABI x32, which no program needs.
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;

/// Where seccomp_data(2) has what the filter looks at.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
/// The low half of the first argument.
#[cfg(target_endian = "little")]
const ARGUMENT: u32 = 16;
#[cfg(target_endian = "big")]
const ARGUMENT: u32 = 20;

/// The namespaces that clone(2) can make.
const NAMESPACES: i32 = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// What is as if the kernel didn't know it: programs do without, or do
/// otherwise. clone3(2) keeps its flags where no filter sees them, and
/// io_uring(7) calls the kernel past any filter.
const UNKNOWN: &[libc::c_long] = &[
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// What nobody but the machine's owner should call: more namespaces, keys that
/// the kernel keeps for the user, and what can observe other programs.
const FORBIDDEN: &[libc::c_long] = &[
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
];

/// Memory that belongs to no process, and so isn't measured.
const UNMEASURED: &[libc::c_long] = &[
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
];

/// The ways in which processes start that are never threads.
#[cfg(target_arch = "x86_64")]
const FORKS: &[libc::c_long] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const FORKS: &[libc::c_long] = &[];

/// A filter, ready to be installed.
pub(crate) struct Filter {
    asking: Vec<libc::sock_filter>,
    /// The same, where nobody can be asked.
    plain: Vec<libc::sock_filter>,
}

impl Filter {
    /// What a program may call, if the kernel is to filter.
    pub(crate) fn of(order: &Order, measured: bool) -> Option<Filter> {
        let native = NATIVE.filter(|_| order.limits.means.system_calls)?;
        order.confinement.as_ref()?;
        let network = order.limits.network;
        let with = |fork| program(native, fork, network, measured);
        Some(Filter {
            asking: with(libc::SECCOMP_RET_USER_NOTIF),
            plain: with(libc::SECCOMP_RET_ALLOW),
        })
    }

    /// Filters this process from now on, and all that it starts. Returns where
    /// to be asked, if the kernel can. Neither locks nor allocates.
    pub(crate) fn install(&self) -> io::Result<Option<OwnedFd>> {
        match set(&self.asking, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER) {
            Ok(listener) => Ok(listener),
            // An old kernel, or somebody around us is asked already.
            Err(_) => set(&self.plain, 0).or(Ok(None)),
        }
    }
}

#[allow(unsafe_code)]
fn set(filter: &[libc::sock_filter], flags: libc::c_ulong) -> io::Result<Option<OwnedFd>> {
    let program = libc::sock_fprog {
        len: filter.len() as libc::c_ushort,
        filter: filter.as_ptr().cast_mut(),
    };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the kernel only reads the filter, which lives longer than this call.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    match result {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        // SAFETY: with this flag the kernel answers with a new open file.
        listener => Ok(Some(unsafe { OwnedFd::from_raw_fd(listener as i32) })),
    }
}

fn program(
    native: u32,
    fork: u32,
    network: bool,
    memory_is_counted: bool,
) -> Vec<libc::sock_filter> {
    let mut filter = vec![
        load(ARCHITECTURE),
        skip_if_equal(native, 1),
        refuse(libc::ENOSYS),
        load(NUMBER),
    ];
    #[cfg(target_arch = "x86_64")]
    filter.extend([jump(libc::BPF_JGE, X32, 0, 1), refuse(libc::ENOSYS)]);
    let mut on = |number: libc::c_long, then: &[libc::sock_filter]| {
        filter.push(jump(libc::BPF_JEQ, number as u32, 0, then.len() as u8));
        filter.extend_from_slice(then);
    };
    let mut all = |numbers: &[libc::c_long], then: libc::sock_filter| {
        for number in numbers {
            on(*number, &[then]);
        }
    };
    all(UNKNOWN, refuse(libc::ENOSYS));
    all(FORBIDDEN, refuse(libc::EPERM));
    all(FORKS, answer(fork));
    if !memory_is_counted {
        all(UNMEASURED, refuse(libc::EPERM));
    }
    on(
        libc::SYS_clone,
        &[
            load(ARGUMENT),
            jump(libc::BPF_JSET, NAMESPACES as u32, 0, 1),
            refuse(libc::EPERM),
            jump(libc::BPF_JSET, libc::CLONE_THREAD as u32, 0, 1),
            answer(libc::SECCOMP_RET_ALLOW),
            answer(fork),
        ],
    );
    // socketpair(2) is another call. A socket of the local kind could reach
    // those who do much for their user: a desktop's bus, containers.
    let families: &[i32] = match network {
        true => &[libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK],
        false => &[],
    };
    let mut socket = vec![load(ARGUMENT)];
    for family in families {
        socket.push(jump(libc::BPF_JEQ, *family as u32, 0, 1));
        socket.push(answer(libc::SECCOMP_RET_ALLOW));
    }
    socket.push(refuse(libc::EACCES));
    on(libc::SYS_socket, &socket);
    filter.push(answer(libc::SECCOMP_RET_ALLOW));
    filter
}

fn load(offset: u32) -> libc::sock_filter {
    statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset)
}

fn answer(action: u32) -> libc::sock_filter {
    statement(libc::BPF_RET | libc::BPF_K, action)
}

fn refuse(error: i32) -> libc::sock_filter {
    answer(libc::SECCOMP_RET_ERRNO | error as u32)
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    let code = code as u16;
    libc::sock_filter {
        code,
        jt: 0,
        jf: 0,
        k,
    }
}

/// Skips so many steps if the comparison holds, and so many otherwise.
fn jump(comparison: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    let code = (libc::BPF_JMP | libc::BPF_K | comparison) as u16;
    libc::sock_filter { code, jt, jf, k }
}

fn skip_if_equal(k: u32, steps: u8) -> libc::sock_filter {
    jump(libc::BPF_JEQ, k, steps, 0)
}

/// A process, or a thread of it, that waits for permission to start one.
pub(crate) struct Question {
    id: u64,
}

/// Takes in a question, if there still is one: who asked may be gone.
#[allow(unsafe_code)]
pub(crate) fn next(listener: BorrowedFd<'_>) -> Option<Question> {
    // SAFETY: plain numbers, for which zeroes will do; and the kernel wants them.
    let mut question: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills in what is of just this type.
    let result = unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_RECV as _,
            &raw mut question,
        )
    };
    (result == 0).then_some(Question { id: question.id })
}

/// Lets the call go on.
#[allow(unsafe_code)]
pub(crate) fn allow(listener: BorrowedFd<'_>, question: &Question) {
    let mut answer = libc::seccomp_notif_resp {
        id: question.id,
        val: 0,
        error: 0,
        flags: libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
    };
    // SAFETY: the kernel reads what is of just this type. Who asked may be gone.
    unsafe {
        libc::ioctl(
            listener.as_raw_fd(),
            libc::SECCOMP_IOCTL_NOTIF_SEND as _,
            &raw mut answer,
        );
    }
}
