//! The session: cells that are no whole programs, and share what they define.
//!
//! # Why a process of its own
//! A session is evcxr's, which has rust-analyzer within: some 500 MB and
//! seconds to start. So it lives in a child of the kernel, the *host*: this
//! very binary, started again under a supervisor of `runner`, and spoken to
//! over pipes ([`protocol`]). That way
//! - the kernel stays small and answers at once,
//! - a session can be ended at any time, with everything that it started, and
//!   ends with the kernel, however that ends,
//! - evcxr can fail without taking the kernel with it.
//!
//! The cells themselves run in a child of the host (`runtime`), which forks
//! before each: where a cell ends its process, or is interrupted, the copy goes
//! on with every variable as it was.
//!
//! # What is Linux only
//! That copy, the limit on memory, noticing a deadlock, noticing that a cell
//! waits for its standard input, stopping the compiler, and telling whose
//! thread prints (`attribution`). Elsewhere a cell that ends its process takes
//! the variables with it, and is told so.
//!
//! # When it starts
//! When its first cell comes, or once the kernel has been idle for a while
//! before its first cell, so that this one need not wait. If that cell is a
//! program after all, the session is ended again: a notebook of programs, as
//! a chapter is, is not to hold the memory for nothing. For the same reason a
//! `:dep` of a crate that programs have anyway is put off until another
//! session cell needs it.
//!
//! # Without the feature
//! Only a binary built with the feature `evcxr` can be a host. Everything
//! else here is built without it; then cells that are no programs are refused.

#[cfg(feature = "evcxr")]
mod attribution;
#[cfg(feature = "evcxr")]
mod host;
#[cfg(any(feature = "evcxr", test))]
mod markers;
#[cfg(any(feature = "evcxr", test))]
mod places;
#[cfg(feature = "evcxr")]
mod prelude;
pub(crate) mod protocol;
#[cfg(feature = "evcxr")]
mod runtime;

use crate::content::{ClearOutput, DisplayData, KernelError, Transient, UpdateDisplayData};
use crate::ending;
use crate::header::new_id;
use crate::message::Message;
use crate::output::Batches;
use crate::prepared::Prepared;
use crate::publisher::{Outbox, Publisher};
use crate::stdin::Stdin;
use protocol::{Completions, Effect, Inspection, Outcome, Report, Request, Shown};
use runner::{Builder, Event, Input, Stop, Stream};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The first argument of a process that is a host.
#[cfg(feature = "evcxr")]
const HOST: &str = "--host-a-session";

/// How often a cell's watcher looks whether it should stop.
const NOTICE_STOP: Duration = Duration::from_millis(20);

/// How long to wait for the libraries of programs, to see whether a crate is
/// one of them.
const LIBRARIES: Duration = Duration::from_secs(1);

/// How long an interrupted session may take to say so before it is ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// How sessions are started.
#[derive(Clone)]
pub struct Sessions {
    /// What programs are built with.
    builder: Prepared<Builder>,
    /// What the host is told that cells may use.
    limits: String,
    environment: fn(&Path, &Path) -> Vec<(&'static str, std::ffi::OsString)>,
    argument: &'static str,
}

/// Called in `main` after [`runner::supervisor::hook`], by every binary that
/// is built with the feature `evcxr`: if this process was started for a
/// session, it serves that and never returns. Otherwise it does nothing.
#[cfg(feature = "evcxr")]
pub fn hook() {
    if std::env::var_os(runtime::SOCKET).is_some() && std::env::var_os("EVCXR_IS_RUNTIME").is_some()
    {
        runtime::run();
    }
    // evcxr's rustc wrapper.
    evcxr::runtime_hook();
    let mut arguments = std::env::args().skip(1);
    if arguments.next().is_some_and(|first| first == HOST) {
        host::run(&arguments.next().unwrap_or_default());
    }
}

#[cfg(feature = "evcxr")]
impl Sessions {
    /// Sessions for a kernel whose programs are built by `builder`, and may use
    /// so much.
    pub(crate) fn new(builder: Prepared<Builder>, limits: &runner::Limits) -> Sessions {
        let limits = json!({"output": limits.output, "memory": limits.memory});
        Sessions {
            builder,
            limits: limits.to_string(),
            environment: host::environment,
            argument: HOST,
        }
    }
}

/// A kernel's session, started or not.
pub(crate) struct Session {
    sessions: Option<Sessions>,
    outbox: Arc<dyn Outbox>,
    /// The kernel's session, in the protocol's sense.
    name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    host: Option<Host>,
    /// How many hosts there have been.
    started: u64,
    /// `:dep` lines that nothing has needed yet.
    put_off: Vec<String>,
    /// Whether a cell has run in it.
    used: bool,
}

/// A host that was started.
struct Host {
    stop: Stop,
    requests: Input,
    answers: Receiver<Report>,
    relay: Arc<Relay>,
    /// Whether it is ready; before, it says so or why not.
    ready: bool,
    /// The number of the last question.
    asked: u64,
    /// A question that took longer than its answer was waited for.
    unanswered: Option<(Question, u64)>,
    threads: Vec<thread::JoinHandle<()>>,
}

/// What a session can answer without running anything.
#[derive(Clone, Debug, PartialEq)]
enum Question {
    Complete { code: String, cursor: usize },
    Inspect { code: String, cursor: usize },
}

impl Question {
    fn request(self, id: u64) -> Request {
        match self {
            Question::Complete { code, cursor } => Request::Complete { code, cursor, id },
            Question::Inspect { code, cursor } => Request::Inspect { code, cursor, id },
        }
    }
}

impl Session {
    pub(crate) fn new(
        sessions: Option<Sessions>,
        outbox: Arc<dyn Outbox>,
        name: String,
    ) -> Session {
        Session {
            sessions,
            outbox,
            name,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether cells that are no programs can run at all.
    pub(crate) fn is_possible(&self) -> bool {
        self.sessions.is_some()
    }

    /// Starts in the background if nothing is started yet.
    pub(crate) fn prepare(&self) {
        // Whoever needs it is told why it can't start.
        let _ = self.started(&mut self.state());
    }

    /// A program was run. A session that nobody has used is given up.
    pub(crate) fn programs_only(&self) {
        let mut state = self.state();
        if !state.used {
            state.host = None;
        }
    }

    /// Whether a cell has run in it, so that it holds something.
    pub(crate) fn is_used(&self) -> bool {
        let state = self.state();
        state.used && state.host.is_some()
    }

    /// The number of the session that the next cell runs in.
    pub(crate) fn number(&self) -> u64 {
        let state = self.state();
        state.started + u64::from(state.host.is_none())
    }

    /// Runs a cell, which has this number in its notebook.
    pub(crate) fn execute(
        &self,
        code: &str,
        label: Option<u32>,
        stop: &Stop,
        publisher: &Publisher<'_>,
        stdin: &Stdin,
    ) -> Outcome {
        let mut state = self.state();
        if let Some(sessions) = &self.sessions
            && let Some(lines) = sessions.known_dependencies(code)
            && !state.used
        {
            state.put_off.extend(lines);
            return Outcome {
                defined: true,
                ..Outcome::default()
            };
        }
        if let Err(sentence) = self.ready(&mut state, stop) {
            let stopped = stop.is_stopped();
            let ename = if stopped { "Interrupted" } else { "NoSession" };
            return Outcome {
                error: Some(ending::error(ename, sentence)),
                ..Outcome::default()
            };
        }
        state.used = true;
        let put_off = std::mem::take(&mut state.put_off);
        if !put_off.is_empty() {
            let outcome = run(
                &mut state,
                &put_off.join("\n"),
                None,
                stop,
                publisher,
                stdin,
            );
            if outcome.error.is_some() {
                return outcome;
            }
        }
        run(&mut state, code, label, stop, publisher, stdin)
    }

    /// What could stand at a byte of the code; `None` if the session is not
    /// there yet, or takes longer.
    pub(crate) fn complete(
        &self,
        code: &str,
        cursor: usize,
        wait: Duration,
    ) -> Option<Completions> {
        self.is_ready().then_some(())?;
        let code = code.to_owned();
        match self.ask(Question::Complete { code, cursor }, wait)? {
            Report::Completed(_, found) => Some(found),
            _ => None,
        }
    }

    /// What ends at a byte of the code.
    pub(crate) fn inspect(&self, code: &str, cursor: usize, wait: Duration) -> Option<Inspection> {
        let code = code.to_owned();
        match self.ask(Question::Inspect { code, cursor }, wait)? {
            Report::Inspected(_, found) => found,
            _ => None,
        }
    }

    /// Whether questions are answered now. If not, it is about to start.
    fn is_ready(&self) -> bool {
        let Ok(mut state) = self.state.try_lock() else {
            return false;
        };
        if self.started(&mut state).is_err() {
            return false;
        }
        let Some(host) = &mut state.host else {
            return false;
        };
        if !host.ready
            && let Err(Some(_)) = host.hear(Duration::ZERO)
        {
            state.host = None;
            return false;
        }
        state.host.as_ref().is_some_and(|host| host.ready)
    }

    /// Asks what the session can answer without running anything.
    fn ask(&self, question: Question, wait: Duration) -> Option<Report> {
        let deadline = Instant::now() + wait;
        // A cell runs: what is asked on the control channel doesn't wait for it.
        let mut state = self.state.try_lock().ok()?;
        self.started(&mut state).ok()?;
        let host = state.host.as_mut()?;
        while !host.ready {
            let left = deadline.saturating_duration_since(Instant::now());
            match host.hear(left) {
                Ok(()) => {}
                Err(None) if Instant::now() < deadline => {}
                Err(None) => return None,
                Err(Some(_)) => {
                    state.host = None;
                    return None;
                }
            }
        }
        let asked = match &host.unanswered {
            // Whoever asks again gets what came too late the first time.
            Some((before, id)) if *before == question => *id,
            _ => {
                host.asked += 1;
                host.send(&question.clone().request(host.asked));
                host.unanswered = Some((question, host.asked));
                host.asked
            }
        };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match host.answers.recv_timeout(left) {
                // Bound apart: rustc 1.88 takes no name for the whole of an
                // alternative and for its parts.
                Ok(answer)
                    if matches!(
                        answer,
                        Report::Completed(id, _) | Report::Inspected(id, _) if id == asked
                    ) =>
                {
                    return Some(answer);
                }
                Ok(Report::Failed(_)) | Err(RecvTimeoutError::Disconnected) => {
                    state.host = None;
                    return None;
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return None,
            }
        }
    }

    fn started(&self, state: &mut State) -> Result<(), String> {
        if state.host.is_some() {
            return Ok(());
        }
        let sessions = self
            .sessions
            .as_ref()
            .ok_or_else(|| "This cell is not a program: give it a top-level fn main.".to_owned())?;
        state.used = false;
        state.started += 1;
        state.host = Some(Host::start(sessions, self.outbox.clone(), &self.name)?);
        Ok(())
    }

    /// Starts a host if there is none, and waits until it is ready.
    fn ready(&self, state: &mut State, stop: &Stop) -> Result<(), String> {
        self.started(state)?;
        let Some(host) = &mut state.host else {
            return Err("There is no session.".to_owned());
        };
        while !host.ready {
            if stop.is_stopped() {
                return Err("The cell was stopped while its session started.".to_owned());
            }
            if let Err(Some(sentence)) = host.hear(NOTICE_STOP) {
                state.host = None;
                return Err(sentence);
            }
        }
        Ok(())
    }
}

impl Sessions {
    /// The lines of code that only asks for crates that programs have.
    fn known_dependencies(&self, code: &str) -> Option<Vec<String>> {
        let names: Vec<(&str, String)> = code
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let name = line.strip_prefix(":dep")?.trim_start();
                let name = name.split(['=', ' ']).next()?.replace('-', "_");
                Some((line, name))
            })
            .collect::<Option<_>>()?;
        let builder = self.builder.within(LIBRARIES)?;
        let is_known = |name: &str| builder.libraries().names().any(|known| known == name);
        let all_known = names.iter().all(|(_, name)| is_known(name));
        all_known.then(|| names.into_iter().map(|(line, _)| line.to_owned()).collect())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.state().host = None;
    }
}

/// Runs code in a session that is ready, and passes on what it does.
fn run(
    state: &mut State,
    code: &str,
    label: Option<u32>,
    stop: &Stop,
    publisher: &Publisher<'_>,
    stdin: &Stdin,
) -> Outcome {
    let Some(host) = &mut state.host else {
        return Outcome::default();
    };
    // The cell may change the answer.
    host.unanswered = None;
    let cell = host.relay.serve(publisher.request);
    let allowed = stdin.is_allowed(publisher.request);
    host.send(&Request::Execute {
        cell,
        code: code.to_owned(),
        label,
        stdin: allowed,
    });
    let mut interrupted: Option<Instant> = None;
    let outcome = loop {
        match host.answers.recv_timeout(NOTICE_STOP) {
            Ok(Report::Finished(outcome)) => break Some(outcome),
            Ok(Report::Effect(_, Effect::Asks { prompt, password })) => {
                let requests = host.requests.clone();
                stdin.ask(publisher, &prompt, password, move |line| {
                    send(&requests, &Request::Input(Some(line)));
                });
            }
            Ok(Report::Failed(sentence)) => {
                state.host = None;
                return lost(&sentence);
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        match interrupted {
            None if stop.is_stopped() => {
                interrupted = Some(Instant::now());
                host.send(&Request::Interrupt);
            }
            Some(since) if since.elapsed() > PATIENCE => break None,
            _ => {}
        }
    };
    stdin.forget();
    match outcome {
        Some(outcome) => outcome,
        None => {
            state.host = None;
            lost("The session's process has ended.")
        }
    }
}

fn lost(sentence: &str) -> Outcome {
    let sentence = format!(
        "{sentence} Its variables are lost with it. Functions, types, imports and dependencies \
         are defined again in a new session when a cell needs them."
    );
    Outcome {
        error: Some(ending::error("SessionLost", sentence)),
        variables: Some(BTreeMap::new()),
        ..Outcome::default()
    }
}

fn send(requests: &Input, request: &Request) {
    let mut line = serde_json::to_vec(request).expect("a request is plain data");
    line.push(b'\n');
    requests.send(line);
}

impl Host {
    /// Starts one, and the threads that read from it. It gets ready by itself.
    fn start(sessions: &Sessions, outbox: Arc<dyn Outbox>, session: &str) -> Result<Host, String> {
        let std_source = runner::cargo::std_source().map_err(|error| error.to_string())?;
        let std_source = std_source.ok_or_else(|| {
            "A session needs the source of Rust's standard library: install it with \
             \"rustup component add rust-src\"."
                .to_owned()
        })?;
        let stop = Stop::new();
        let environment = |folder: &Path| (sessions.environment)(folder, &std_source);
        let arguments = [sessions.argument, &sessions.limits];
        let (running, requests) = runner::start_service(&arguments, environment, &stop)
            .map_err(|error| error.to_string())?;
        let relay = Arc::new(Relay {
            outbox,
            session: session.to_owned(),
            cells: Mutex::default(),
        });
        let (reports, heard) = mpsc::sync_channel(64);
        let (answered, answers) = mpsc::channel();
        let mut host = Host {
            stop,
            requests,
            answers,
            relay: relay.clone(),
            ready: false,
            asked: 0,
            unanswered: None,
            threads: Vec::new(),
        };
        let no_thread = |error: std::io::Error| format!("The session cannot start: {error}.");
        let read = thread::Builder::new().name("session-reader".into());
        host.threads.push(
            read.spawn(move || read_reports(running, &reports))
                .map_err(no_thread)?,
        );
        let pass = thread::Builder::new().name("session-output".into());
        host.threads.push(
            pass.spawn(move || relay.pass_on(&heard, &answered))
                .map_err(no_thread)?,
        );
        Ok(host)
    }

    fn send(&self, request: &Request) {
        send(&self.requests, request);
    }

    /// Waits for the host to be ready.
    ///
    /// # Errors
    /// `None` if it isn't yet, and a sentence if it never will be.
    fn hear(&mut self, wait: Duration) -> Result<(), Option<String>> {
        match self.answers.recv_timeout(wait) {
            Ok(Report::Ready) => {
                self.ready = true;
                Ok(())
            }
            Ok(Report::Failed(sentence)) => Err(Some(sentence)),
            Ok(_) => Ok(()),
            Err(RecvTimeoutError::Timeout) => Err(None),
            Err(RecvTimeoutError::Disconnected) => Err(Some(
                "The session cannot start: its process has ended.".to_owned(),
            )),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.stop();
        for thread in self.threads.drain(..) {
            // A panic there is already printed.
            let _ = thread.join();
        }
    }
}

/// Reads the lines of a host until it ends.
fn read_reports(running: runner::Running, reports: &mpsc::SyncSender<Report>) {
    let mut unread = Vec::new();
    for event in running {
        let Event::Output { stream, bytes, .. } = event else {
            return;
        };
        if stream == Stream::Stderr {
            // Where the kernel was started one can read what went wrong.
            eprint!("{}", String::from_utf8_lossy(&bytes));
            continue;
        }
        unread.extend(bytes);
        while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = unread.drain(..=end).collect();
            // evcxr has words of its own there, now and then.
            if let Ok(report) = serde_json::from_slice(&line)
                && reports.send(report).is_err()
            {
                return;
            }
        }
    }
}

/// Passes on what the cells do, also after they have ended: a thread of a cell
/// may go on, and what it does still belongs to that cell.
struct Relay {
    outbox: Arc<dyn Outbox>,
    session: String,
    cells: Mutex<Cells>,
}

#[derive(Default)]
struct Cells {
    /// The requests of the cells that may still do something.
    requests: BTreeMap<u64, Message>,
    /// The number of the last one.
    last: u64,
}

impl Relay {
    fn cells(&self) -> MutexGuard<'_, Cells> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell is about to run. Returns its number.
    fn serve(&self, request: &Message) -> u64 {
        let mut cells = self.cells();
        cells.last += 1;
        let cell = cells.last;
        cells.requests.insert(cell, request.clone());
        cell
    }

    fn publish(&self, cell: u64, act: impl FnOnce(&Publisher<'_>)) {
        let request = self.cells().requests.get(&cell).cloned();
        if let Some(request) = request {
            act(&Publisher {
                outbox: &*self.outbox,
                session: &self.session,
                request: &request,
                origins: None,
            });
        }
    }

    fn print(&self, cell: u64, printed: Vec<(Stream, String)>) {
        if !printed.is_empty() {
            self.publish(cell, |publisher| publisher.print(printed));
        }
    }

    fn pass_on(&self, reports: &Receiver<Report>, answers: &Sender<Report>) {
        let mut printed: BTreeMap<u64, Batches> = BTreeMap::new();
        loop {
            let now = Instant::now();
            let due = printed.values().filter_map(|batches| batches.due(now));
            let report = match due.min() {
                None => reports.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => reports.recv_timeout(due.saturating_duration_since(now)),
            };
            match report {
                Ok(Report::Effect(cell, Effect::Print { stream, text })) => {
                    printed.entry(cell).or_default().add(stream, text);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    for (cell, batches) in printed {
                        self.print(cell, batches.finish());
                    }
                    return;
                }
                Ok(report) => {
                    // What was printed before comes before.
                    let now = Instant::now();
                    for (cell, batches) in &mut printed {
                        self.print(*cell, batches.take(now));
                    }
                    if let Some(answer) = self.pass(report, &mut printed)
                        && answers.send(answer).is_err()
                    {
                        return;
                    }
                }
            }
            let now = Instant::now();
            for (cell, batches) in &mut printed {
                if batches.due(now).is_some_and(|due| due <= now) {
                    self.print(*cell, batches.take(now));
                }
            }
        }
    }

    /// Passes on a report, or returns it if somebody waits for it.
    fn pass(&self, report: Report, printed: &mut BTreeMap<u64, Batches>) -> Option<Report> {
        match report {
            Report::Effect(cell, Effect::Show(shown)) => {
                self.publish(cell, |publisher| show(&shown, publisher));
            }
            Report::Effect(cell, Effect::Clear { wait }) => {
                self.publish(cell, |publisher| publisher.publish(&ClearOutput { wait }));
            }
            Report::Silent(cell) => {
                printed.remove(&cell);
                self.cells().requests.remove(&cell);
            }
            report => return Some(report),
        }
        None
    }
}

fn show(shown: &Shown, publisher: &Publisher<'_>) {
    let display = display(shown);
    if shown.update {
        publisher.publish(&UpdateDisplayData(display));
    } else {
        publisher.publish(&display);
    }
}

fn display(shown: &Shown) -> DisplayData {
    DisplayData {
        data: shown.data.clone(),
        metadata: Map::new(),
        transient: Transient {
            display_id: shown.id.clone().unwrap_or_else(new_id),
        },
    }
}

/// What became of an expression, as `user_expressions` are answered.
pub(crate) fn evaluated(outcome: Outcome) -> Value {
    match outcome {
        Outcome {
            error: Some(error), ..
        } => not_evaluated(&error),
        Outcome { result, .. } => json!({
            "status": "ok",
            "data": result.unwrap_or_default(),
            "metadata": {},
        }),
    }
}

/// An expression that has no value.
pub(crate) fn not_evaluated(error: &KernelError) -> Value {
    let mut outcome = json!(error);
    outcome["status"] = "error".into();
    outcome
}
