//! Running one program within limits, as a stream of events.

use crate::build::{Build, FILE_NAME};
use crate::containment::Confinement;
use crate::disk;
use crate::event::{Ending, Event, Limit, Stream};
use crate::folder::RunFolder;
use crate::input::{self, Input};
use crate::limits::Limits;
#[cfg(target_os = "linux")]
use crate::processes;
use crate::removal::{remove_directory, remove_within};
use crate::stop::{self, Stop};
#[cfg(target_os = "linux")]
use crate::supervisor::KILL_FOR;
use crate::supervisor::{self, Order, REMOVE_FOR, Report, Scratch, Source, Why};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions};
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for a supervisor that should have answered. Longer than
/// it goes on killing.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the file is called that holds a program's input, in its folder.
const INPUT: &str = "input";

/// How long to wait for a supervisor to start its program. On a machine with
/// far too much to do, that takes seconds.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// How often to look whether the supervisor is still there.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// As much of the output as is read at once.
const AT_ONCE: usize = 64 << 10;

/// As much of a line of stderr as is looked at.
const LINE_START: usize = 200;

/// The variables that a program is given as they are here.
const ENVIRONMENT: [&str; 5] = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"];

/// Why a program could not be run at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// There is no such program any more: build it again.
    Missing(PathBuf),
    /// Anything else, as a sentence.
    Failed(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Missing(program) => {
                let name = program.file_name().unwrap_or(program.as_os_str());
                write!(f, "The program {} is gone.", name.display())
            }
            RunError::Failed(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for RunError {}

/// Starts a program. Its events are the returned iterator's; dropping that
/// ends the program and everything that it started.
///
/// Give it the whole path of the program: it runs in a fresh directory.
///
/// # Errors
/// Says why the program could not be started.
pub fn run(program: &Path, limits: &Limits, stop: &Stop) -> Result<Running, RunError> {
    let (order, directory) = order(program, limits, Source::Nothing)?;
    start(order, Some(directory), stop)
}

/// The same for a program whose standard input is [`Input`]. Whenever it
/// begins to wait for that, `asks` is called, from [`Running::next`]; the time
/// that it waits is not counted. Linux only: elsewhere `asks` is never called.
///
/// # Errors
/// Says why the program could not be started.
pub fn run_with_input(
    program: &Path,
    limits: &Limits,
    stop: &Stop,
    asks: Box<dyn FnMut() + Send>,
) -> Result<(Running, Input), RunError> {
    let (order, directory) = order(program, limits, Source::Passed)?;
    let (mut running, input) = start_with_input(order, Some(directory), Vec::new(), stop)?;
    running.asks = Some(Asks(asks));
    Ok((running, input))
}

/// The same for a program whose standard input is this, and whose environment
/// has these variables besides. It is not watched for deadlocks: it need not do
/// anything for a while.
///
/// # Errors
/// Says why the program could not be started.
pub fn run_on(
    program: &Path,
    input: &[u8],
    variables: &[(&str, &str)],
    limits: &Limits,
    stop: &Stop,
) -> Result<Running, RunError> {
    let (mut order, directory) = order(program, limits, Source::Nothing)?;
    let file = directory.path().join(INPUT);
    fs::write(&file, input).map_err(|error| {
        let sentence = || format!("Cannot write {}: {error}.", file.display());
        RunError::Failed(disk::sentence(&error, sentence))
    })?;
    order.input = Source::File(file);
    order.notice_deadlock = false;
    let variables = variables
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    order.environment.get_or_insert_default().extend(variables);
    start(order, Some(directory), stop)
}

/// What the kernel refuses to contain programs with here, a sentence each:
/// empty where all is as it should be. Starts a program that does nothing.
///
/// # Errors
/// Says why no program can be started.
pub fn lacks() -> Result<Vec<String>, RunError> {
    let (mut order, directory) = order(&this_program(), &Limits::default(), Source::Nothing)?;
    order.arguments.push(supervisor::NOTHING.to_owned());
    let running = start(order, Some(directory), &Stop::new())?;
    Ok(running.lacks().to_vec())
}

/// Starts this very binary again, as a process that serves this one: bounded
/// by nothing, in this process's directory and with its environment, but gone
/// with everything that it started when this process is. It is given a folder
/// of its own, which is removed afterwards, and beside this process's variables
/// those that `environment` makes of that folder. Requests go to its
/// [`Input`]; answers are its output.
///
/// # Errors
/// Says why it could not be started.
pub fn start_service(
    arguments: &[&str],
    environment: impl FnOnce(&Path) -> Vec<(&'static str, OsString)>,
    stop: &Stop,
) -> Result<(Running, Input), RunError> {
    let folder = fresh_directory()?;
    let here = env::current_dir().unwrap_or_else(|_| folder.path().to_owned());
    let order = Order {
        program: this_program(),
        arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
        environment: None,
        directory: here,
        scratch: Some(Scratch {
            folder: folder.path().to_owned(),
            hand_over: false,
        }),
        input: Source::Passed,
        limits: Limits::none(),
        notice_deadlock: false,
        confinement: None,
    };
    let mut variables = environment(folder.path());
    variables.push(("TMPDIR", folder.path().into()));
    start_with_input(order, Some(folder), variables, stop)
}

/// What to run a program with, and its folder.
fn order(program: &Path, limits: &Limits, input: Source) -> Result<(Order, RunFolder), RunError> {
    let program = std::path::absolute(program)
        .map_err(|error| RunError::Failed(format!("Cannot find the program: {error}.")))?;
    let directory = fresh_directory()?;
    let order = Order {
        program,
        arguments: Vec::new(),
        environment: Some(environment(directory.path())),
        directory: directory.path().to_owned(),
        scratch: Some(Scratch {
            folder: directory.path().to_owned(),
            hand_over: false,
        }),
        input,
        limits: limits.clone(),
        notice_deadlock: true,
        confinement: Some(Confinement {
            as_other_user: true,
            folder_in_memory: true,
            ..Confinement::default()
        }),
    };
    Ok((order, directory))
}

fn fresh_directory() -> Result<RunFolder, RunError> {
    RunFolder::make().map_err(|error| {
        RunError::Failed(disk::sentence(&error, || {
            format!("Cannot make a temporary directory to run the program in: {error}.")
        }))
    })
}

/// A program's environment: nothing that a stranger shouldn't read.
pub(crate) fn environment(directory: &Path) -> Vec<(String, String)> {
    let mut environment: Vec<(String, String)> = ENVIRONMENT
        .iter()
        .filter_map(|name| Some((name.to_string(), env::var(name).ok()?)))
        .collect();
    for name in ["HOME", "TMPDIR"] {
        environment.push((name.to_string(), directory.display().to_string()));
    }
    environment
}

fn start_with_input(
    order: Order,
    directory: Option<RunFolder>,
    variables: Vec<(&'static str, OsString)>,
    stop: &Stop,
) -> Result<(Running, Input), RunError> {
    let (theirs, ours) = io::pipe().map_err(|error| failed("no pipe", &error))?;
    let input = Input::to(ours).map_err(|error| failed("no thread", &error))?;
    let running = start_reading(order, directory, Some(theirs), variables, stop)?;
    Ok((running, input))
}

/// Starts a supervisor and waits until it has started the program.
pub(crate) fn start(
    order: Order,
    directory: Option<RunFolder>,
    stop: &Stop,
) -> Result<Running, RunError> {
    start_reading(order, directory, None, Vec::new(), stop)
}

fn failed(what: &str, error: &io::Error) -> RunError {
    let reason = in_words(error);
    RunError::Failed(format!("Cannot start the program: {what}: {reason}."))
}

/// Why something can't be started.
pub(crate) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        // What the system says then is that something is unavailable.
        io::ErrorKind::WouldBlock => {
            "the machine has no room for another process or thread just now".to_owned()
        }
        _ => error.to_string(),
    }
}

fn start_reading(
    order: Order,
    directory: Option<RunFolder>,
    input: Option<PipeReader>,
    variables: Vec<(&'static str, OsString)>,
    stop: &Stop,
) -> Result<Running, RunError> {
    let json = serde_json::to_string(&order).map_err(|error| failed("its path", &error.into()))?;
    let (ours, theirs) = UnixStream::pair().map_err(|error| failed("no socket", &error))?;
    let mut command = Command::new(this_program());
    command
        .arg0("interleaved-supervisor")
        .arg(supervisor::ARGUMENT)
        .arg(json)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if order.environment.is_some() {
        // A process can read its parent's environment.
        command.env_clear();
    }
    command.envs(variables);
    let mut supervisor = command
        .spawn()
        .map_err(|error| failed("no supervisor", &error))?;
    // The command holds the supervisor's end of the socket.
    drop(command);
    if let Some(input) = input {
        // A supervisor that is gone already says why below.
        let _ = input::pass(input, &ours);
    }

    let mut running = Running {
        stdout: supervisor.stdout.take(),
        stderr: supervisor.stderr.take(),
        supervisor,
        control: Arc::new(ours),
        heard: Vec::new(),
        program: None,
        lacks: Vec::new(),
        directory,
        started: Instant::now(),
        limits: order.limits,
        written: 0,
        main_panicked: MainPanicked::default(),
        naming: None,
        stop: stop.clone(),
        asks: None,
        give_up: None,
        report: None,
        done: false,
    };
    running.wait_for_start(&order.program)?;
    stop.tell_when_stopped(&running.control);
    Ok(running)
}

/// The file that this process runs, even if it was replaced since.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    env::current_exe().unwrap_or_else(|_| PathBuf::from(env::args_os().next().unwrap_or_default()))
}

struct Asks(Box<dyn FnMut() + Send>);

impl fmt::Debug for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asks")
    }
}

/// A program that runs. Iterating waits for its events; the last is
/// [`Event::Ended`], and by then nothing of the program is left.
#[derive(Debug)]
pub struct Running {
    supervisor: Child,
    /// Our end of the supervisor's socket.
    control: Arc<UnixStream>,
    /// What came from the supervisor, up to a whole line.
    heard: Vec<u8>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// The program's process.
    program: Option<i32>,
    lacks: Vec<String>,
    directory: Option<RunFolder>,
    started: Instant,
    limits: Limits,
    /// Bytes of output so far.
    written: u64,
    main_panicked: MainPanicked,
    naming: Option<Naming>,
    stop: Stop,
    /// What to do when the program waits for its standard input.
    asks: Option<Asks>,
    /// When to stop waiting for the supervisor's report.
    give_up: Option<Instant>,
    report: Option<(Why, Duration)>,
    done: bool,
}

impl Iterator for Running {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while !self.done {
            let ready = self.wait_for_input();
            if ready.output.is_none() && self.report.is_some() {
                return Some(self.end());
            }
            if let Some(stream) = ready.output
                && let Some(event) = self.read_output(stream)
            {
                return Some(event);
            }
            if ready.control {
                self.read_control();
            }
            self.check_supervisor();
        }
        None
    }
}

/// Puts a reader's name of the program's file in place of the program's own.
#[derive(Debug)]
struct Naming {
    own: Vec<u8>,
    /// Of each stream, the end of what was read last, if the name may go on
    /// after it.
    kept: [Vec<u8>; 2],
}

impl Naming {
    fn new(own: &str) -> Naming {
        Naming {
            own: own.as_bytes().to_owned(),
            kept: Default::default(),
        }
    }

    /// `is_full` says that more was written than was read: only then is a name
    /// cut in two, since each is written at once.
    fn rename(&mut self, stream: Stream, bytes: Vec<u8>, is_full: bool) -> Vec<u8> {
        let mut all = self.rest(stream);
        all.extend(bytes);
        let mut named = Vec::with_capacity(all.len());
        let mut rest = &all[..];
        while let Some(&first) = rest.first() {
            if let Some(after) = rest.strip_prefix(&self.own[..]) {
                named.extend(FILE_NAME.as_bytes());
                rest = after;
            } else if is_full && self.own.starts_with(rest) {
                self.kept[stream as usize] = rest.to_owned();
                break;
            } else {
                named.push(first);
                rest = &rest[1..];
            }
        }
        named
    }

    /// What was kept back of a stream.
    fn rest(&mut self, stream: Stream) -> Vec<u8> {
        std::mem::take(&mut self.kept[stream as usize])
    }
}

/// What there is to read.
struct Ready {
    output: Option<Stream>,
    control: bool,
}

impl Running {
    /// The file that the program has its input from, if that was given to it as a whole:
    /// what is added to it the program can read.
    pub fn input(&self) -> Option<PathBuf> {
        let folder = self.directory.as_ref()?;
        Some(folder.path().join(INPUT)).filter(|file| file.exists())
    }

    /// What the kernel refused to contain the program with, a sentence each.
    /// Empty where all is as it should be.
    pub fn lacks(&self) -> &[String] {
        &self.lacks
    }

    /// Has the program's file named as a reader knows it, in all that it writes,
    /// where cargo built it from a file of another name: in a panic's message,
    /// for example.
    #[must_use]
    pub fn naming_its_file(mut self, build: &Build) -> Running {
        self.naming = build.file.as_deref().map(Naming::new);
        self
    }

    fn wait_for_start(&mut self, program: &Path) -> Result<(), RunError> {
        let mut deadline = Instant::now() + START_PATIENCE;
        let mut is_starting = false;
        while self.report.is_none() && Instant::now() < deadline {
            match self.wait_for_report() {
                Some(Report::Starting) => {
                    is_starting = true;
                    deadline = Instant::now() + PATIENCE;
                }
                Some(Report::Started { pid, lacks }) => {
                    self.program = Some(pid);
                    self.lacks = lacks;
                    self.started = Instant::now();
                    return Ok(());
                }
                Some(Report::NotStarted { missing: true, .. }) if !program.exists() => {
                    return Err(RunError::Missing(program.to_owned()));
                }
                Some(Report::NotStarted { reason, .. }) => {
                    return Err(RunError::Failed(format!(
                        "Cannot start the program: {reason}."
                    )));
                }
                Some(Report::Ended { .. } | Report::WaitsForInput) | None => {}
            }
        }
        if is_starting {
            return Ok(());
        }
        if matches!(self.report, Some((Why::Signalled(_), _))) {
            return Err(RunError::Failed(
                "Cannot start the program: what watches over it was killed. Run it again."
                    .to_owned(),
            ));
        }
        Err(RunError::Failed(
            "Cannot start the program: its supervisor doesn't answer. Does this binary's main \
             call runner::supervisor::hook() first?"
                .to_owned(),
        ))
    }

    /// Waits for the supervisor's next report, for a while.
    fn wait_for_report(&mut self) -> Option<Report> {
        if let Some(report) = self.take_report() {
            return Some(report);
        }
        let mut fds = [PollFd::new(&*self.control, PollFlags::IN)];
        let _ = poll(&mut fds, timespec(LOOK_EVERY).as_ref());
        if fds[0].revents().is_empty() {
            return None;
        }
        self.next_report()
    }

    /// Waits until there is something to read, or it is time to look after
    /// the supervisor. Once the report is in, only collects what is left.
    fn wait_for_input(&self) -> Ready {
        let wait = match self.report {
            Some(_) => Duration::ZERO,
            None => LOOK_EVERY,
        };
        let mut fds = vec![PollFd::new(&*self.control, PollFlags::IN)];
        let mut streams = Vec::new();
        if let Some(stdout) = &self.stdout {
            fds.push(PollFd::new(stdout, PollFlags::IN));
            streams.push(Stream::Stdout);
        }
        if let Some(stderr) = &self.stderr {
            fds.push(PollFd::new(stderr, PollFlags::IN));
            streams.push(Stream::Stderr);
        }
        while poll(&mut fds, timespec(wait).as_ref()) == Err(rustix::io::Errno::INTR) {}
        let output = streams
            .iter()
            .zip(&fds[1..])
            .find(|(_, fd)| !fd.revents().is_empty())
            .map(|(stream, _)| *stream);
        Ready {
            output,
            control: !fds[0].revents().is_empty() && self.report.is_none(),
        }
    }

    /// Reads what there is, at least one byte or the end.
    fn read_output(&mut self, stream: Stream) -> Option<Event> {
        let mut bytes = vec![0; AT_ONCE];
        let read = match stream {
            Stream::Stdout => self.stdout.as_mut()?.read(&mut bytes),
            Stream::Stderr => self.stderr.as_mut()?.read(&mut bytes),
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
            Err(_) | Ok(0) => {
                match stream {
                    Stream::Stdout => self.stdout = None,
                    Stream::Stderr => self.stderr = None,
                }
                let kept = self.naming.as_mut()?.rest(stream);
                return self.output(stream, kept);
            }
            Ok(length) => bytes.truncate(length),
        }
        let is_full = bytes.len() == AT_ONCE;
        if stream == Stream::Stderr {
            self.main_panicked.read(&bytes);
        }
        let allowed = self.limits.output.saturating_sub(self.written);
        self.written = self.written.saturating_add(bytes.len() as u64);
        if self.is_over_output() {
            stop::tell(&self.control);
            bytes.truncate(allowed as usize);
        }
        if let Some(naming) = &mut self.naming {
            bytes = naming.rename(stream, bytes, is_full);
        }
        self.output(stream, bytes)
    }

    fn output(&self, stream: Stream, bytes: Vec<u8>) -> Option<Event> {
        (!bytes.is_empty()).then(|| Event::Output {
            stream,
            bytes,
            at: self.started.elapsed(),
        })
    }

    fn is_over_output(&self) -> bool {
        self.written > self.limits.output
    }

    fn read_control(&mut self) {
        // A program may end before we have looked at the report of its start.
        let mut next = self.take_report().or_else(|| self.next_report());
        while let Some(report) = next {
            match report {
                Report::Ended { why, took } => self.report = Some((why, took)),
                Report::WaitsForInput => {
                    if let Some(Asks(ask)) = &mut self.asks {
                        ask();
                    }
                }
                Report::Starting | Report::Started { .. } | Report::NotStarted { .. } => {}
            }
            next = self.take_report();
        }
    }

    /// Reads from the supervisor. Returns its next report once that is whole.
    /// If there will be none, accounts for the supervisor itself.
    fn next_report(&mut self) -> Option<Report> {
        let mut bytes = [0; 512];
        match (&*self.control).read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
            Err(_) | Ok(0) => {
                self.abandon();
                return None;
            }
            Ok(length) => self.heard.extend(&bytes[..length]),
        }
        self.take_report()
    }

    /// The next report among what was heard already.
    fn take_report(&mut self) -> Option<Report> {
        let end = self.heard.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.heard.drain(..=end).collect();
        serde_json::from_slice(&line).ok()
    }

    /// A supervisor that was halted, or can't get through with killing,
    /// reports nothing: go on without it.
    fn check_supervisor(&mut self) {
        if self.report.is_some() {
            return;
        }
        let now = Instant::now();
        let overdue = self.stop.is_stopped()
            || self.is_over_output()
            || (self.asks.is_none() && now.duration_since(self.started) > self.limits.wall_clock);
        if !overdue {
            return;
        }
        let give_up = *self.give_up.get_or_insert(now + PATIENCE);
        if now > give_up {
            self.abandon();
        }
    }

    /// Ends everything without the supervisor's help, and says how it ended
    /// in the supervisor's place.
    fn abandon(&mut self) {
        if self.report.is_some() {
            return;
        }
        let _ = self.supervisor.kill();
        let status = self.supervisor.wait().ok();
        self.kill_the_rest();
        let overdue = self.started.elapsed() > self.limits.wall_clock;
        let signal = status.and_then(|status| status.signal());
        let why = match signal {
            _ if self.stop.is_stopped() || self.is_over_output() => Why::Stopped,
            _ if overdue => Why::Over(self.limits.wall_clock_limit()),
            Some(signal) => Why::Signalled(signal),
            None => Why::Stopped,
        };
        self.report = Some((why, self.started.elapsed()));
    }

    /// With its supervisor the program dies by itself; what that has started
    /// is known by its environment.
    #[cfg(target_os = "linux")]
    fn kill_the_rest(&self) {
        let Some(directory) = &self.directory else {
            return;
        };
        let mark = format!("TMPDIR={}", directory.path().display());
        let is_marked = |pid: &Pid| {
            fs::read(format!("/proc/{pid}/environ")).is_ok_and(|variables| {
                variables
                    .split(|byte| *byte == 0)
                    .any(|v| v == mark.as_bytes())
            })
        };
        let began = Instant::now();
        while began.elapsed() < KILL_FOR {
            let left: Vec<Pid> = processes::all().filter(is_marked).collect();
            if left.is_empty() {
                return;
            }
            for pid in left {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn kill_the_rest(&self) {
        if let Some(program) = self.program.and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process_group(program, Signal::KILL);
        }
    }

    /// The last event.
    fn end(&mut self) -> Event {
        let (why, took) = self
            .report
            .unwrap_or((Why::Stopped, self.started.elapsed()));
        self.clean_up();
        let ending = match why {
            Why::Stopped if self.is_over_output() && !self.stop.is_stopped() => Ending::OverLimit {
                limit: Limit::Output(self.limits.output),
            },
            Why::Stopped => Ending::Stopped,
            Why::Exited(0) => Ending::Returned,
            Why::Exited(101) if self.main_panicked.found => Ending::Panicked,
            Why::Exited(code) => Ending::Exited { code },
            Why::Signalled(signal) if signal == Signal::XFSZ.as_raw() => Ending::OverLimit {
                limit: Limit::File(self.limits.file),
            },
            Why::Signalled(signal) => Ending::Signalled { signal },
            Why::Deadlocked { threads } => Ending::Deadlocked { threads },
            Why::Over(limit) => Ending::OverLimit { limit },
        };
        Event::Ended { ending, took }
    }

    fn clean_up(&mut self) {
        self.done = true;
        let folder = self.directory.take().map(RunFolder::keep);
        let Some(folder) = folder.filter(|folder| folder.exists()) else {
            // It has nothing more to do than to exit.
            let _ = self.supervisor.wait();
            return;
        };
        let supervisor = match self.supervisor.try_wait() {
            Ok(Some(_)) if remove_within(&folder, REMOVE_FOR) => return,
            Ok(Some(_)) | Err(_) => None,
            Ok(None) => Some(Pid::from_child(&self.supervisor)),
        };
        // Nobody is to wait for a folder that takes long to remove.
        let remove = move || {
            if let Some(supervisor) = supervisor {
                let _ = rustix::process::waitpid(Some(supervisor), WaitOptions::empty());
            }
            remove_directory(&folder);
        };
        let _ = thread::Builder::new().spawn(remove);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        // Whoever drops this wants no more output, and everything gone.
        self.stdout = None;
        self.stderr = None;
        stop::tell(&self.control);
        let deadline = Instant::now() + PATIENCE;
        while self.report.is_none() {
            if Instant::now() > deadline {
                self.abandon();
                break;
            }
            if self.wait_for_input().control {
                self.read_control();
            }
        }
        self.clean_up();
    }
}

fn timespec(duration: Duration) -> Option<Timespec> {
    Timespec::try_from(duration).ok()
}

/// Looks for the message of a panic of the main thread, which is all that
/// tells a panic from `exit(101)`.
#[derive(Debug, Default)]
struct MainPanicked {
    found: bool,
    /// How the current line starts.
    line: Vec<u8>,
}

impl MainPanicked {
    fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.found |= is_panic_of_main(&self.line);
                self.line.clear();
            } else if self.line.len() < LINE_START {
                self.line.push(*byte);
            }
        }
    }
}

/// `thread 'main' panicked at …`, since Rust 1.91 with a number after the name.
fn is_panic_of_main(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    line.contains("thread 'main'") && line.contains(" panicked at ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_wherever_its_own_name_is_cut() {
        let own = "crates/listings/examples/a.rs";
        let written = format!("at {own}:1:2, c, crates/, {own}{own} crates/listings/examples/");
        let expected =
            "at listing.rs:1:2, c, crates/, listing.rslisting.rs crates/listings/examples/";
        for cut in 0..=written.len() {
            let mut naming = Naming::new(own);
            let (one, other) = written.as_bytes().split_at(cut);
            let mut named = naming.rename(Stream::Stderr, one.to_owned(), true);
            // What the other stream has is its own.
            let stdout = naming.rename(Stream::Stdout, b"crates".to_vec(), false);
            assert_eq!(stdout, b"crates");
            named.extend(naming.rename(Stream::Stderr, other.to_owned(), true));
            named.extend(naming.rest(Stream::Stderr));
            assert_eq!(String::from_utf8(named).unwrap(), expected, "{cut}");
        }
    }

    #[test]
    fn nothing_is_kept_back_of_what_was_read_whole() {
        let mut naming = Naming::new("crates/a.rs");
        let prompt = naming.rename(Stream::Stdout, b"Pick: crates".to_vec(), false);
        assert_eq!(prompt, b"Pick: crates");
    }
}
