//! Starting a program: what its process does before it becomes the program.

#[cfg(target_os = "linux")]
use crate::containment::{first_process::Channel, group, system_calls};
use crate::supervisor::Order;
#[cfg(target_os = "linux")]
use rustix::process::Signal;
use rustix::process::{Pid, Resource, Rlimit};
#[cfg(target_os = "linux")]
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::OwnedFd;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, AsRawFd};
#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a program is started with.
pub(crate) struct Launch<'a> {
    pub(crate) order: &'a Order,
    /// Where it may read and write.
    #[cfg(target_os = "linux")]
    pub(crate) ruleset: Option<OwnedFd>,
    /// Where to send what asks before each process.
    #[cfg(target_os = "linux")]
    pub(crate) channel: &'a Channel,
    /// Whether it has namespaces of its own, which count its processes.
    #[cfg(target_os = "linux")]
    pub(crate) namespaced: bool,
    /// The program, where its user can't go where it is.
    #[cfg(target_os = "linux")]
    pub(crate) program: Option<OwnedFd>,
    /// Where to join its control group, unless it is in it already.
    #[cfg(target_os = "linux")]
    pub(crate) group: Option<OwnedFd>,
    /// Whether all its memory is measured.
    #[cfg(target_os = "linux")]
    pub(crate) measured: bool,
}

impl Launch<'_> {
    /// Starts the program as the leader of a session of its own.
    pub(crate) fn start(&self, input: OwnedFd) -> io::Result<Pid> {
        let order = self.order;
        let mut command = Command::new(&order.program);
        command
            .args(&order.arguments)
            .current_dir(&order.directory)
            .stdin(input);
        if let Some(environment) = &order.environment {
            command
                .env_clear()
                .envs(environment.iter().map(|(key, value)| (key, value)));
        }
        self.before_exec(&mut command)?;
        spawn(&mut command)
    }

    #[allow(unsafe_code)]
    fn before_exec(&self, command: &mut Command) -> io::Result<()> {
        let file = self.order.limits.file;
        #[cfg(target_os = "linux")]
        let last = self.last_steps()?;
        #[cfg(target_os = "linux")]
        let channel = self
            .channel
            .as_fd()
            .try_clone_to_owned()
            .map(Channel::from)?;
        let prepare = move || {
            rustix::process::setsid()?;
            limit(Resource::Fsize, file)?;
            #[cfg(target_os = "linux")]
            last.take(&channel)?;
            Ok(())
        };
        // SAFETY: between fork and exec only async-signal-safe functions may be
        // called. These are bare system calls; nothing is locked, and only the
        // failure that ends this process allocates, with nobody else in it.
        unsafe { command.pre_exec(prepare) };
        Ok(())
    }
}

fn limit(resource: Resource, most: u64) -> rustix::io::Result<()> {
    if most == u64::MAX {
        return Ok(());
    }
    let both = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    rustix::process::setrlimit(resource, both)
}

/// A program that was just copied can't run as long as anybody may still write
/// to it: a process that was being started while it was copied has the file
/// open until it runs its own program.
fn spawn(command: &mut Command) -> io::Result<Pid> {
    let mut attempts = 0;
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && attempts < 500 => {
                attempts += 1;
                thread::sleep(Duration::from_millis(10));
            }
            started => return started.map(|child| Pid::from_child(&child)),
        }
    }
}

/// Keeps this process's memory, with the secrets in it, from others of the same
/// user, who could read it through `/proc`, and out of core files. Linux only.
pub fn hide() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// What a contained program's process does last before it becomes the program.
#[cfg(target_os = "linux")]
struct LastSteps {
    starter: Pid,
    /// Its user's processes and threads at most.
    tasks: u64,
    confined: bool,
    group: Option<OwnedFd>,
    ruleset: Option<OwnedFd>,
    filter: Option<system_calls::Filter>,
    /// The program, where it can't be reached by its name.
    program: Option<Executable>,
}

/// More tasks than are allowed: so many that measuring notices before the
/// kernel refuses one, which would look like the program's own failure.
#[cfg(target_os = "linux")]
const TASKS_ASIDE: u64 = 128;

#[cfg(target_os = "linux")]
impl Launch<'_> {
    fn last_steps(&self) -> io::Result<LastSteps> {
        let order = self.order;
        let limits = &order.limits;
        let confined = order.confinement.is_some();
        let tasks = match self.namespaced && confined {
            true => limits
                .threads
                .saturating_add((limits.threads / 8).max(TASKS_ASIDE)),
            // All processes of this user would count.
            false => u64::MAX,
        };
        Ok(LastSteps {
            starter: rustix::process::getpid(),
            tasks,
            confined,
            group: self.group.as_ref().map(OwnedFd::try_clone).transpose()?,
            ruleset: self.ruleset.as_ref().map(OwnedFd::try_clone).transpose()?,
            filter: system_calls::Filter::of(order, self.measured),
            program: self
                .program
                .as_ref()
                .map(|file| Executable::of(file, order))
                .transpose()?,
        })
    }
}

#[cfg(target_os = "linux")]
impl LastSteps {
    fn take(&self, channel: &Channel) -> io::Result<()> {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The starter may have died before it was asked to tell us.
        if rustix::process::getppid() != Some(self.starter) {
            return Err(rustix::io::Errno::SRCH.into());
        }
        limit(Resource::Nproc, self.tasks)?;
        close_others_later();
        if let Some(group) = &self.group {
            // Who can't join is measured like any other.
            let _ = group::enter(group);
        }
        if !self.confined {
            return Ok(());
        }
        drop_rights();
        rustix::thread::set_no_new_privs(true)?;
        if let Some(ruleset) = &self.ruleset {
            restrict_paths(ruleset)?;
        }
        if let Some(filter) = &self.filter
            && let Some(asks) = filter.install()?
        {
            channel.pass(asks.as_fd())?;
        }
        match &self.program {
            Some(program) => Err(program.run()),
            None => Ok(()),
        }
    }
}

/// No open file but the three standard ones reaches the program.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn close_others_later() {
    let (first, last) = (3_u32, u32::MAX);
    // SAFETY: a plain system call. It closes nothing before this process runs
    // its program; an older kernel refuses it, where our own files, which are
    // marked like this anyway, stay what they are.
    unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            last,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
}

/// The rights that root has in its own namespaces are not for its programs.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn drop_rights() {
    /// NOROOT and its lock, see capabilities(7).
    const SECURE: libc::c_ulong = 0b11;
    /// The third version has two sets of three words each.
    const VERSION: u32 = 0x2008_0522;
    let header = [VERSION, 0];
    let none = [0_u32; 6];
    // SAFETY: plain system calls on what is on this stack. Who isn't root has
    // nothing to drop, and is refused the first.
    unsafe {
        libc::prctl(libc::PR_SET_SECUREBITS, SECURE, 0, 0, 0);
        libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr());
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn restrict_paths(ruleset: &OwnedFd) -> io::Result<()> {
    // SAFETY: a plain system call.
    let result =
        unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0_u32) };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A program that is run through an open file: its user can't go where it is.
#[cfg(target_os = "linux")]
struct Executable {
    file: OwnedFd,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

#[cfg(target_os = "linux")]
impl Executable {
    fn of(file: &OwnedFd, order: &Order) -> io::Result<Executable> {
        let text = |text: &OsStr| CString::new(text.as_bytes()).map_err(io::Error::other);
        let name = [order.program.as_os_str()];
        let arguments = name
            .into_iter()
            .chain(order.arguments.iter().map(OsStr::new));
        let environment = order.environment.iter().flatten();
        Ok(Executable {
            file: file.try_clone()?,
            arguments: arguments.map(text).collect::<io::Result<_>>()?,
            environment: environment
                .map(|(name, value)| text(OsStr::new(&format!("{name}={value}"))))
                .collect::<io::Result<_>>()?,
        })
    }

    /// Becomes the program, or says why not.
    #[allow(unsafe_code)]
    fn run(&self) -> io::Error {
        let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
            let texts = texts.iter().map(|text| text.as_ptr());
            texts.chain([std::ptr::null()]).collect()
        };
        let (arguments, environment) = (pointers(&self.arguments), pointers(&self.environment));
        let flags = libc::AT_EMPTY_PATH;
        // SAFETY: all pointers are to texts that end in NUL, and to lists of
        // them that end in null, which live until this returns, if it does.
        unsafe {
            libc::syscall(
                libc::SYS_execveat,
                self.file.as_raw_fd(),
                c"".as_ptr(),
                arguments.as_ptr(),
                environment.as_ptr(),
                flags,
            );
        }
        io::Error::last_os_error()
    }
}

/// Lets what a command starts die with the thread that starts it, wherever that
/// dies. Linux only; elsewhere it stays.
pub fn die_with_this_thread(command: &mut Command) -> &mut Command {
    #[cfg(target_os = "linux")]
    {
        let starter = rustix::process::getpid();
        let prepare = move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // It may have died before that was asked for.
            match rustix::process::getppid() == Some(starter) {
                true => Ok(()),
                false => Err(rustix::io::Errno::SRCH.into()),
            }
        };
        #[allow(unsafe_code)]
        // SAFETY: bare system calls, between fork and exec.
        unsafe {
            command.pre_exec(prepare);
        }
    }
    command
}

/// Starts what dies with this process, wherever that dies: for tests, which are
/// killed and abort. Linux only; elsewhere it stays.
///
/// # Errors
/// When it can't be started.
pub fn spawn_to_die_with_us(mut command: Command) -> io::Result<Child> {
    let (sender, started) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let _ = sender.send(die_with_this_thread(&mut command).spawn());
        // The command holds ends of pipes.
        drop(command);
        // As long as this process lives.
        loop {
            thread::park();
        }
    })?;
    started.recv().map_err(io::Error::other)?
}
