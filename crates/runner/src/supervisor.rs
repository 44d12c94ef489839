//! The process that watches over one program.
//!
//! It starts the program in a session of its own, contained as far as the
//! kernel allows ([`containment`](crate::containment)), measures it, and when
//! the program has ended, or must, kills everything that is left of it. It is told
//! what to run as an argument, hears from its starter on its standard input (a
//! socket), and answers there, one line of JSON a [`Report`]. Its standard
//! output and error are the program's.

use crate::containment::Confinement;
#[cfg(target_os = "linux")]
use crate::containment::{
    first_process::{Channel, Word},
    group::{self, Group},
    namespaces::{self, Contained, Refused},
    paths::Paths,
    system_calls,
};
#[cfg(target_os = "linux")]
use crate::deadlock;
use crate::event::Limit;
use crate::folder;
use crate::input;
#[cfg(target_os = "linux")]
use crate::launch;
use crate::launch::Launch;
use crate::limits::Limits;
#[cfg(target_os = "linux")]
use crate::processes::{self, Process};
#[cfg(target_os = "linux")]
use crate::reading::{self, Reading};
use crate::removal::{remove_directory, remove_within};
use crate::run::in_words;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, WaitOptions, WaitStatus,
};
use serde::{Deserialize, Serialize};
use std::env;
#[cfg(target_os = "linux")]
use std::fs;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

/// The first argument of a process that is a supervisor.
pub(crate) const ARGUMENT: &str = "--supervise-a-program";

/// The first argument of a process that is to do nothing.
pub(crate) const NOTHING: &str = "--do-nothing";

/// How often a busy program is measured. In this time it can use more than it
/// may, by what a processor can fill: some 100 MiB.
const MEASURE_EVERY: Duration = Duration::from_millis(20);

/// How often a program that does nothing is measured.
const MEASURE_IDLE_EVERY: Duration = Duration::from_millis(100);

/// How often a program is measured at least, however long measuring takes.
#[cfg(target_os = "linux")]
const MEASURE_AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// How long to go on killing what won't die (another user's process, or one
/// stuck in the kernel) before leaving it.
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
    /// How it is contained, or `None` for what is ours.
    pub(crate) confinement: Option<Confinement>,
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
        /// Its process, which leads its session and process group, or the one
        /// with which it all ends.
        pid: i32,
        /// What the kernel refused to contain it with, a sentence each.
        lacks: Vec<String>,
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
    match arguments.next() {
        Some(first) if first == ARGUMENT => {}
        Some(first) if first == NOTHING => process::exit(0),
        _ => return,
    }
    close_others();
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

/// Closes what whoever started the starter has left open: it is nobody's here.
fn close_others() {
    #[cfg(target_os = "linux")]
    {
        let entries = fs::read_dir("/proc/self/fd")
            .into_iter()
            .flatten()
            .flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let open: Vec<i32> = numbers.filter(|number| *number > 2).collect();
        close(&open);
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn close(numbers: &[i32]) {
    for number in numbers {
        // SAFETY: this process has just begun and opened nothing yet, except
        // what listed these and is closed: none of them is anybody's.
        unsafe { libc::close(*number) };
    }
}

fn supervise(order: &Order, mut control: UnixStream) -> ! {
    // Nobody takes its folder for a dead one's as long as this lives.
    let scratch = order.scratch.as_ref();
    let _lock = scratch.and_then(|scratch| folder::lock(&scratch.folder));
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
    let program = match Program::start(order, &control) {
        Ok(program) => program,
        Err(error) => not_started(&mut control, &error),
    };
    let mut watch = Watch {
        order,
        program,
        ended: None,
        gone: false,
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
    let pid = watch.program.root.as_raw_nonzero().get();
    let lacks = mem::take(&mut watch.program.lacks);
    send(&mut control, &Report::Started { pid, lacks });

    let ended = watch.until_the_end(&exited, &mut control);
    let took = started.elapsed();
    watch.kill_everything();
    drop(watch);

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
        reason: in_words(error),
    };
    send(control, &report);
    process::exit(1);
}

/// A program that was started.
struct Program {
    /// The process below which all its others are: its own, or the first in its
    /// namespaces.
    root: Pid,
    reading: Option<Reader>,
    lacks: Vec<String>,
    /// Where the first process in its namespaces tells how the program ended.
    #[cfg(target_os = "linux")]
    channel: Option<Channel>,
    /// Where it asks before it starts a process.
    #[cfg(target_os = "linux")]
    asks: Option<OwnedFd>,
    #[cfg(target_os = "linux")]
    group: Option<Group>,
}

impl Program {
    fn start(order: &Order, control: &UnixStream) -> io::Result<Program> {
        let mut reading = None;
        let input: OwnedFd = match &order.input {
            Source::Nothing => File::open("/dev/null")?.into(),
            Source::File(file) => File::open(file)?.into(),
            Source::Passed => {
                let file = input::take(control)?;
                reading = reader_of(&file);
                file
            }
        };
        let mut program = Program::start_on(order, input)?;
        program.reading = reading;
        #[cfg(target_os = "linux")]
        if order.confinement.is_some() && order.limits.means.system_calls && program.asks.is_none()
        {
            program.lacks.push(
                "The kernel asks nobody before a program starts a process: processes are \
                 counted, and a program that is fast can have too many for a moment."
                    .to_owned(),
            );
        }
        Ok(program)
    }

    #[cfg(not(target_os = "linux"))]
    fn start_on(order: &Order, input: OwnedFd) -> io::Result<Program> {
        Ok(Program {
            root: Launch { order }.start(input)?,
            reading: None,
            lacks: Vec::new(),
        })
    }

    #[cfg(target_os = "linux")]
    fn start_on(order: &Order, input: OwnedFd) -> io::Result<Program> {
        let mut lacks = Vec::new();
        let means = order.limits.means;
        let confined = order.confinement.is_some();
        let group = (confined && means.group)
            .then(|| Group::make(order.limits.memory))
            .transpose()
            .unwrap_or_else(|error| {
                lacks.push(group::lack(&error));
                None
            });
        let door = || group.as_ref().and_then(|group| group.door().ok());
        if confined && means.namespaces {
            match namespaces::start(order, input.try_clone()?, door()) {
                Ok(Contained {
                    first,
                    channel,
                    asks,
                    lacks: others,
                }) => {
                    lacks.extend(others);
                    return Ok(Program {
                        root: first,
                        reading: None,
                        lacks,
                        channel: Some(channel),
                        asks,
                        group,
                    });
                }
                Err(Refused::Program(error)) => return Err(error),
                Err(Refused::Namespaces(reason)) => lacks.push(format!(
                    "The kernel makes no namespaces ({reason}): a program sees its user's other \
                     processes, and nothing but measuring bounds its threads."
                )),
            }
        }
        launch::hide();
        let ruleset = Paths::of(order).ruleset().unwrap_or_else(|sentence| {
            lacks.push(sentence);
            None
        });
        let (ours, theirs) = Channel::pair()?;
        let launch = Launch {
            order,
            ruleset,
            channel: &theirs,
            namespaced: false,
            program: None,
            group: door(),
            measured: group.is_some(),
        };
        let root = launch.start(input)?;
        // If memory runs out, the kernel is to kill the program rather than a bystander.
        let _ = fs::write(format!("/proc/{root}/oom_score_adj"), "1000");
        Ok(Program {
            root,
            reading: None,
            lacks,
            channel: None,
            asks: ours.passed(),
            group,
        })
    }

    /// Its processes, until there are more than so many.
    #[cfg(target_os = "linux")]
    fn processes(&self, at_most: u64) -> Vec<Process> {
        match self.channel {
            Some(_) => processes::below(self.root, at_most),
            // It may have left its root behind, but never us.
            None => processes::below(rustix::process::getpid(), at_most),
        }
    }

    /// Where it asks before it starts a process, if it does.
    fn asks(&self) -> Option<BorrowedFd<'_>> {
        #[cfg(target_os = "linux")]
        return self.asks.as_ref().map(AsFd::as_fd);
        #[cfg(not(target_os = "linux"))]
        return None;
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
    program: Program,
    /// How the program itself ended, once it has.
    ended: Option<Why>,
    /// Whether its root was taken in, so that its number may be another's.
    gone: bool,
    started: Instant,
}

impl Watch<'_> {
    /// Waits until the program has ended by itself or must be ended.
    fn until_the_end(&mut self, exited: &OwnedFd, control: &mut UnixStream) -> End {
        let reading = self.program.reading.take();
        let mut measurer = Measurer::new(reading);
        loop {
            let took = self.started.elapsed().saturating_sub(measurer.typing);
            let left = self.order.limits.wall_clock.saturating_sub(took);
            if let Some(end) = self.wait(exited, control, measurer.due().min(left)) {
                return end;
            }
            self.reap();
            if let Some(why) = self.ended {
                return End::Because(self.over_memory().unwrap_or(why));
            }
            let took = self.started.elapsed().saturating_sub(measurer.typing);
            if took >= self.order.limits.wall_clock {
                return End::Because(Why::Over(self.order.limits.wall_clock_limit()));
            }
            let over = self.over_memory();
            if let Some(why) = over.or_else(|| measurer.measure(self.order, &self.program)) {
                return End::Because(why);
            }
            if mem::take(&mut measurer.asks) {
                send(control, &Report::WaitsForInput);
            }
        }
    }

    /// Whether the kernel has killed for want of memory.
    fn over_memory(&self) -> Option<Why> {
        #[cfg(target_os = "linux")]
        {
            let group = self.program.group.as_ref()?;
            let over = Why::Over(Limit::Memory(self.order.limits.memory));
            group.has_killed().then_some(over)
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// A file that has something to read, or ends, when the program ends.
    fn exit_of_the_program(&self) -> io::Result<OwnedFd> {
        #[cfg(target_os = "linux")]
        if let Some(channel) = &self.program.channel {
            return channel.as_fd().try_clone_to_owned();
        }
        let (ours, theirs) = UnixStream::pair()?;
        let program = self.program.root;
        thread::Builder::new().spawn(move || {
            // Only looks: reaping is the main thread's.
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let interrupted = rustix::io::Errno::INTR;
            while rustix::process::waitid(WaitId::Pid(program), look).err() == Some(interrupted) {}
            drop(theirs);
        })?;
        Ok(ours.into())
    }

    /// Sleeps until something happens or this much time has passed. Returns
    /// the end if that's what the starter wants, or the limit on processes.
    fn wait(
        &mut self,
        exited: &OwnedFd,
        control: &mut UnixStream,
        at_most: Duration,
    ) -> Option<End> {
        let timeout = Timespec::try_from(at_most).ok();
        let mut fds = vec![
            PollFd::new(&*control, PollFlags::IN),
            PollFd::new(exited, PollFlags::IN),
        ];
        fds.extend(
            self.program
                .asks()
                .map(|asks| PollFd::from_borrowed_fd(asks, PollFlags::IN)),
        );
        // Interrupted or not, the callers look at everything again.
        let _ = poll(&mut fds, timeout.as_ref());
        let is_told = !fds[0].revents().is_empty();
        let has_ended = !fds[1].revents().is_empty();
        let asked = fds.get(2).map(PollFd::revents);
        drop(fds);
        if is_told {
            return Some(match control.read(&mut [0]) {
                Ok(1) => End::Because(Why::Stopped),
                _ => End::StarterGone,
            });
        }
        #[cfg(target_os = "linux")]
        {
            if has_ended {
                self.hear();
            }
            match asked {
                Some(asked) if asked.contains(PollFlags::IN) => return self.answer(),
                // Nobody is left who could ask.
                Some(asked) if !asked.is_empty() => self.program.asks = None,
                _ => {}
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (has_ended, asked);
        None
    }

    /// Hears from the first process in the program's namespaces.
    #[cfg(target_os = "linux")]
    fn hear(&mut self) {
        if let Some(channel) = &self.program.channel
            && let Ok(Word::Ended { why }) = channel.receive()
        {
            self.ended = Some(why);
        }
    }

    /// Lets the program start a process, or says that it has too many.
    #[cfg(target_os = "linux")]
    fn answer(&mut self) -> Option<End> {
        let asks = self.program.asks()?;
        let question = system_calls::next(asks)?;
        let limit = self.order.limits.processes;
        if self.program.processes(limit).len() as u64 >= limit {
            return Some(End::Because(Why::Over(Limit::Processes(limit))));
        }
        system_calls::allow(asks, &question);
        None
    }

    /// Takes in every process that has ended. Says whether any is left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.program.root => {
                    self.gone = true;
                    #[cfg(target_os = "linux")]
                    if self.ended.is_none() {
                        self.hear();
                    }
                    // Without a word it was the first process that was ended.
                    self.ended = self.ended.or(Some(why(status)));
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    /// Kills until no child is left. The first process in namespaces takes all
    /// others with it. Without them, on Linux every orphan among the program's
    /// descendants becomes our child, so none is missed; and who asks for
    /// another child is not answered.
    fn kill_everything(&mut self) {
        let began = Instant::now();
        let mut pause = Duration::from_micros(200);
        loop {
            if !self.gone {
                // Not reaped yet, so the number is still theirs.
                let _ = rustix::process::kill_process_group(self.program.root, Signal::KILL);
                let _ = rustix::process::kill_process(self.program.root, Signal::KILL);
            }
            #[cfg(target_os = "linux")]
            if self.program.channel.is_none() {
                for process in self.program.processes(u64::MAX) {
                    let _ = rustix::process::kill_process(process.pid, Signal::KILL);
                }
            }
            if !self.reap() || began.elapsed() > KILL_FOR {
                return;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

pub(crate) fn why(status: WaitStatus) -> Why {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Why::Exited(code),
        (None, Some(signal)) => Why::Signalled(signal),
        (None, None) => unreachable!("we never ask to hear of a process that is only halted"),
    }
}

/// Holds the program and its descendants against their limits, now and then.
struct Measurer {
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

impl Measurer {
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables))]
    fn new(reading: Option<Reader>) -> Self {
        Measurer {
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
    fn measure(&mut self, order: &Order, program: &Program) -> Option<Why> {
        if !self.due().is_zero() {
            return None;
        }
        let began = Instant::now();
        let limits = &order.limits;
        let processes = program.processes(limits.processes);
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
        // Empty where the program sees a file system in memory instead.
        if let Some(scratch) = &order.scratch
            && limits.disk < u64::MAX
            && !folder::is_within(&scratch.folder, limits.disk)
        {
            return Some(Why::Over(Limit::Disk(limits.disk)));
        }
        let busy = processes
            .iter()
            .map(|process| process.cpu_ticks + process.resident)
            .sum();
        let idle = busy == self.busy;
        self.busy = busy;
        if order.notice_deadlock
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
    fn measure(&mut self, _: &Order, _: &Program) -> Option<Why> {
        self.every = MEASURE_IDLE_EVERY;
        self.last = Instant::now();
        None
    }
}
