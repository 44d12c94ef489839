//! The process that watches over one program.
//!
//! It starts the program in a session of its own, measures it, and when the
//! program has ended, or must, kills everything that is left of it. It is told
//! what to run as an argument, hears from its starter on its standard input (a
//! socket), and answers there, one line of JSON a [`Report`]. Its standard
//! output and error are the program's.

#[cfg(target_os = "linux")]
use crate::deadlock;
use crate::event::Limit;
use crate::input;
use crate::limits::Limits;
#[cfg(target_os = "linux")]
use crate::processes;
#[cfg(target_os = "linux")]
use crate::reading::{self, Reading};
use crate::removal::{remove_directory, remove_within};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, WaitOptions, WaitStatus,
};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The first argument of a process that is a supervisor.
pub(crate) const ARGUMENT: &str = "--supervise-a-program";

/// How often a busy program is measured. In this time it can use more than it
/// may, by what a processor can fill: some 100 MiB.
const MEASURE_EVERY: Duration = Duration::from_millis(20);

/// How often a program that does nothing is measured.
const MEASURE_IDLE_EVERY: Duration = Duration::from_millis(100);

/// How often a program is measured at least, however long measuring takes.
const MEASURE_AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// How long to go on killing what won't die (another user's process, or one
/// stuck in the kernel) before leaving it. Pauses between the attempts count,
/// and not what a busy machine takes for each.
pub(crate) const KILL_FOR: Duration = Duration::from_secs(5);

/// How long the report of the end waits for the program's folder to be gone.
/// What takes longer is removed after it.
pub(crate) const REMOVE_FOR: Duration = Duration::from_secs(2);

/// What to run, and within which bounds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// The program's whole environment, or `None` for the supervisor's own.
    pub(crate) environment: Option<Vec<(String, String)>>,
    /// Where it runs.
    pub(crate) directory: PathBuf,
    /// A folder made for this program alone, and when to remove it.
    pub(crate) scratch: Option<Scratch>,
    pub(crate) input: Source,
    pub(crate) limits: Limits,
    pub(crate) notice_deadlock: bool,
}

/// Where a program's standard input comes from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Source {
    Nothing,
    File(PathBuf),
    /// The starter passes it over the socket.
    Passed,
}

/// A folder to be removed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Scratch {
    pub(crate) folder: PathBuf,
    /// Whether it is the starter's once the program has ended. When the
    /// starter is gone, the folder is removed in any case.
    pub(crate) hand_over: bool,
}

/// What a supervisor tells its starter.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The program is about to run. What it does to us from here on (it may
    /// be faster than our next report) is its own doing.
    Starting,
    /// The program runs.
    Started {
        /// Its process, which leads its session and process group.
        pid: i32,
    },
    /// A thread of the program waits for its standard input, which it did not
    /// a moment ago.
    WaitsForInput,
    /// The program could not be started.
    NotStarted { missing: bool, reason: String },
    /// The program and all that it started are gone.
    Ended { why: Why, took: Duration },
}

/// Why a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Why {
    Exited(i32),
    Signalled(i32),
    Deadlocked { threads: usize },
    Stopped,
    Over(Limit),
}

/// First call in `main` of every binary that runs programs: if this process
/// was started as a supervisor, it becomes one and never returns. Otherwise it
/// does nothing.
pub fn hook() {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ARGUMENT) {
        return;
    }
    let order = arguments
        .next()
        .and_then(|order| serde_json::from_str(order.to_str()?).ok());
    let control = io::stdin().as_fd().try_clone_to_owned();
    match (order, control) {
        (Some(order), Ok(control)) => supervise(&order, control.into()),
        _ => {
            eprintln!("{ARGUMENT} is not for people: it is how programs are run.");
            process::exit(2);
        }
    }
}

fn supervise(order: &Order, mut control: UnixStream) -> ! {
    // A Ctrl-C at the terminal is for the starter, who tells us.
    let _ = rustix::process::setsid();
    let no_core_file = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(Resource::Core, no_core_file);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));

    send(&mut control, &Report::Starting);
    let started = Instant::now();
    let (program, reading) = match start(order, &control) {
        Ok(started) => started,
        Err(error) => not_started(&mut control, &error),
    };
    let mut watch = Watch {
        order,
        program,
        status: None,
        started,
    };
    let exited = match watch.exit_of_the_program() {
        Ok(exited) => exited,
        // No socket, no thread: the machine is full. Don't run what can't be watched.
        Err(error) => {
            watch.kill_everything();
            not_started(&mut control, &error)
        }
    };
    let pid = program.as_raw_nonzero().get();
    send(&mut control, &Report::Started { pid });

    let ended = watch.until_the_end(&exited, &mut control, reading);
    let took = started.elapsed();
    watch.kill_everything();

    let scratch = order.scratch.as_ref();
    let ours = scratch.filter(|it| !it.hand_over || matches!(ended, End::StarterGone));
    let left = ours.filter(|scratch| !remove_within(&scratch.folder, REMOVE_FOR));
    if let End::Because(why) = ended {
        send(&mut control, &Report::Ended { why, took });
    }
    if let Some(scratch) = left {
        remove_directory(&scratch.folder);
    }
    process::exit(0);
}

fn not_started(control: &mut UnixStream, error: &io::Error) -> ! {
    let report = Report::NotStarted {
        missing: error.kind() == io::ErrorKind::NotFound,
        reason: error.to_string(),
    };
    send(control, &report);
    process::exit(1);
}

/// Starts the program as the leader of a session of its own.
fn start(order: &Order, control: &UnixStream) -> io::Result<(Pid, Option<Reader>)> {
    let mut reading = None;
    let input = match &order.input {
        Source::Nothing => Stdio::null(),
        Source::File(file) => File::open(file)?.into(),
        Source::Passed => {
            let file = input::take(control)?;
            reading = reader_of(&file);
            file.into()
        }
    };
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
    before_exec(&mut command, &order.limits);
    let pid = spawn(&mut command)?;
    // If memory runs out, the kernel is to kill the program rather than a bystander.
    let _ = fs::write(format!("/proc/{pid}/oom_score_adj"), "1000");
    Ok((pid, reading))
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

#[cfg(target_os = "linux")]
type Reader = reading::Watch;
#[cfg(not(target_os = "linux"))]
type Reader = ();

/// Watches who reads from this file, where that can be told.
#[cfg(target_os = "linux")]
fn reader_of(file: &OwnedFd) -> Option<Reader> {
    let name = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    Some(reading::Watch::new(name))
}

#[cfg(not(target_os = "linux"))]
fn reader_of(_: &OwnedFd) -> Option<Reader> {
    None
}

#[allow(unsafe_code)]
fn before_exec(command: &mut Command, limits: &Limits) {
    #[cfg(target_os = "linux")]
    let supervisor = rustix::process::getpid();
    let file = Some(limits.file).filter(|bytes| *bytes != u64::MAX);
    let prepare = move || {
        rustix::process::setsid()?;
        if file.is_some() {
            let file = Rlimit {
                current: file,
                maximum: file,
            };
            rustix::process::setrlimit(Resource::Fsize, file)?;
        }
        #[cfg(target_os = "linux")]
        {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // The supervisor may have died before it was asked to tell us.
            if rustix::process::getppid() != Some(supervisor) {
                return Err(io::Error::other("the supervisor is gone"));
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe functions may be
    // called. These are bare system calls; nothing is locked, and only the
    // failure that ends this process allocates, with nobody else in it.
    unsafe { command.pre_exec(prepare) };
}

fn send(control: &mut UnixStream, report: &Report) {
    let mut line = serde_json::to_vec(report).expect("a report is plain data");
    line.push(b'\n');
    // Nobody listens any more: then the end of the socket says what to do.
    let _ = control.write_all(&line);
}

/// How the watch over a program came to its end.
enum End {
    Because(Why),
    StarterGone,
}

struct Watch<'a> {
    order: &'a Order,
    program: Pid,
    /// How the program itself ended, once it has.
    status: Option<WaitStatus>,
    started: Instant,
}

impl Watch<'_> {
    /// Waits until the program has ended by itself or must be ended. `reading`
    /// tells whether it waits for someone to type.
    fn until_the_end(
        &mut self,
        exited: &UnixStream,
        control: &mut UnixStream,
        reading: Option<Reader>,
    ) -> End {
        let mut measurer = Measurer::new(self.order, reading);
        loop {
            let took = self.started.elapsed().saturating_sub(measurer.typing);
            let left = self.order.limits.wall_clock.saturating_sub(took);
            if let Some(end) = self.wait(exited, control, measurer.due().min(left)) {
                return end;
            }
            self.reap();
            if let Some(status) = self.status {
                return End::Because(why(status));
            }
            let took = self.started.elapsed().saturating_sub(measurer.typing);
            if took >= self.order.limits.wall_clock {
                return End::Because(Why::Over(self.order.limits.wall_clock_limit()));
            }
            if let Some(why) = measurer.measure() {
                return End::Because(why);
            }
            if mem::take(&mut measurer.asks) {
                send(control, &Report::WaitsForInput);
            }
        }
    }

    /// A socket that ends when the program's own process does.
    fn exit_of_the_program(&self) -> io::Result<UnixStream> {
        let (ours, theirs) = UnixStream::pair()?;
        let program = self.program;
        thread::Builder::new().spawn(move || {
            // Only looks: reaping is the main thread's.
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let interrupted = rustix::io::Errno::INTR;
            while rustix::process::waitid(WaitId::Pid(program), look).err() == Some(interrupted) {}
            drop(theirs);
        })?;
        Ok(ours)
    }

    /// Sleeps until something happens or this much time has passed. Returns
    /// the end if that's what the starter wants.
    fn wait(
        &self,
        exited: &UnixStream,
        control: &mut UnixStream,
        at_most: Duration,
    ) -> Option<End> {
        let timeout = Timespec::try_from(at_most).ok();
        let mut fds = [
            PollFd::new(&*control, PollFlags::IN),
            PollFd::new(exited, PollFlags::IN),
        ];
        // Interrupted or not, the callers look at everything again.
        let _ = poll(&mut fds, timeout.as_ref());
        if fds[0].revents().is_empty() {
            return None;
        }
        match control.read(&mut [0]) {
            Ok(1) => Some(End::Because(Why::Stopped)),
            _ => Some(End::StarterGone),
        }
    }

    /// Takes in every process that has ended. Says whether any is left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.program => self.status = Some(status),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    /// Kills until no child is left. On Linux every orphan among the
    /// program's descendants becomes our child, so none is missed.
    fn kill_everything(&mut self) {
        let mut paused = Duration::ZERO;
        let mut pause = Duration::from_micros(200);
        loop {
            if self.status.is_none() {
                // Not reaped yet, so the number is still theirs.
                let _ = rustix::process::kill_process_group(self.program, Signal::KILL);
                let _ = rustix::process::kill_process(self.program, Signal::KILL);
            }
            #[cfg(target_os = "linux")]
            for process in processes::descendants() {
                let _ = rustix::process::kill_process(process.pid, Signal::KILL);
            }
            if !self.reap() || paused > KILL_FOR {
                return;
            }
            thread::sleep(pause);
            paused += pause;
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

fn why(status: WaitStatus) -> Why {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Why::Exited(code),
        (None, Some(signal)) => Why::Signalled(signal),
        (None, None) => unreachable!("we never ask to hear of a process that is only halted"),
    }
}

/// Holds the program and its descendants against their limits, now and then.
struct Measurer<'a> {
    order: &'a Order,
    last: Instant,
    every: Duration,
    /// Whether it has begun to wait for its standard input since this was
    /// last cleared.
    asks: bool,
    /// How long it has waited for its standard input, which doesn't count as
    /// time that it takes.
    typing: Duration,
    #[cfg(target_os = "linux")]
    reading: Option<Reader>,
    #[cfg(target_os = "linux")]
    busy: u64,
    #[cfg(target_os = "linux")]
    deadlock: deadlock::Watch,
}

impl<'a> Measurer<'a> {
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables))]
    fn new(order: &'a Order, reading: Option<Reader>) -> Self {
        Measurer {
            order,
            last: Instant::now(),
            every: MEASURE_EVERY,
            asks: false,
            typing: Duration::ZERO,
            #[cfg(target_os = "linux")]
            reading,
            #[cfg(target_os = "linux")]
            busy: 0,
            #[cfg(target_os = "linux")]
            deadlock: deadlock::Watch::default(),
        }
    }

    /// How long until the next measurement.
    fn due(&self) -> Duration {
        self.every.saturating_sub(self.last.elapsed())
    }

    /// Measures if it is time to. Returns why the program must end, if it must.
    #[cfg(target_os = "linux")]
    fn measure(&mut self) -> Option<Why> {
        if !self.due().is_zero() {
            return None;
        }
        let began = Instant::now();
        let processes = processes::descendants();
        let limits = &self.order.limits;
        let threads = processes.iter().map(|process| process.threads).sum();
        let memory = processes.iter().map(|process| process.resident).sum();
        if limits.processes < processes.len() as u64 {
            return Some(Why::Over(Limit::Processes(limits.processes)));
        }
        if limits.threads < threads {
            return Some(Why::Over(Limit::Threads(limits.threads)));
        }
        // Last: many processes share much of their memory, and each counts all of it.
        if limits.memory < memory {
            return Some(Why::Over(Limit::Memory(limits.memory)));
        }
        let busy = processes
            .iter()
            .map(|process| process.cpu_ticks + process.resident)
            .sum();
        let idle = busy == self.busy;
        self.busy = busy;
        if self.order.notice_deadlock
            && idle
            && let Some(threads) = self.deadlock.look(&processes)
        {
            return Some(Why::Deadlocked { threads });
        }
        if idle && let Some(reading) = &mut self.reading {
            match reading.look(&processes) {
                Reading::No => {}
                Reading::Asks => self.asks = true,
                Reading::Still => self.typing += self.last.elapsed(),
            }
        }
        // Measuring takes at most a tenth of a processor, unless there are very
        // many threads, or the machine had something else to do meanwhile.
        let pause = if idle {
            MEASURE_IDLE_EVERY
        } else {
            MEASURE_EVERY
        };
        self.every = pause.max((began.elapsed() * 10).min(MEASURE_AT_LEAST_EVERY));
        self.last = Instant::now();
        None
    }

    #[cfg(not(target_os = "linux"))]
    fn measure(&mut self) -> Option<Why> {
        self.every = MEASURE_IDLE_EVERY;
        self.last = Instant::now();
        None
    }
}
