//! The kernel itself: takes requests in, runs cells one after the other, and
//! answers. Independent of any transport.

use crate::cell::{Cell, Code, Magic, Program, completeness};
use crate::completion;
use crate::content::{
    CommClose, CommInfoReply, DebugReply, ExecuteInput, ExecuteReply, ExecuteRequest,
    ExecuteResult, ExecutionState, HistoryReply, InterruptReply, NextInput, Ok as Fine, Page,
    Payload, ShutdownReply, Status, StreamOutput,
};
use crate::debugging::Debugging;
use crate::definitions::{Composed, Definitions, Dependency};
use crate::doctest::{self, WholeProgram};
use crate::ending::{self, Finish};
use crate::exploring;
use crate::formatting;
use crate::header::new_id;
use crate::history::History;
use crate::inspection;
use crate::kernelspec;
use crate::message::{Channel, Message};
use crate::prepared::Prepared;
use crate::program;
pub use crate::publisher::Outbox;
use crate::publisher::Publisher;
use crate::request::Request;
use crate::session::{self, Session};
use crate::stdin::Stdin;
use crate::workshop::Workshop;
use runner::{BuildError, Builder, Libraries, Stop, Stream};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What `%help` shows.
const HELP: &str = include_str!("kernel/help.txt");

/// What becomes of other cells where there is no session.
const NOT_A_PROGRAM: &str = if cfg!(feature = "zeromq") {
    "This cell is not a program: give it a top-level fn main, or install the kernel with \
     --all-features, so that it can run other cells, too."
} else {
    "This cell is not a program: give it a top-level fn main."
};

/// How many requests may wait on each of the two queues.
const QUEUED: usize = 1000;

/// How long an answer waits for the compiler to say its version, without which
/// it is complete, too.
const RUSTC_VERSION: Duration = Duration::from_millis(100);

/// How long a kernel waits before it is idle.
const IDLE: Duration = Duration::from_secs(1);

/// How long the error of a cell waits for the cells sent behind it, which it
/// is to abort: they may still be on their way.
const CELLS_ARRIVE: Duration = Duration::from_millis(20);

/// A running kernel. Dropping it stops what runs, forgets what is queued, and
/// waits for both to be gone.
pub struct Kernel {
    core: Arc<Core>,
    threads: Vec<JoinHandle<()>>,
}

/// Too many requests wait already; this one was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueFull;

struct Core {
    /// The kernel's session: new at each start.
    session: String,
    outbox: Arc<dyn Outbox>,
    workshop: Workshop,
    /// Runs the cells that are no programs.
    sessions: Session,
    /// What cells have defined, where there are sessions.
    definitions: Mutex<Definitions>,
    /// What builds the programs that use these packages.
    builders: Mutex<BTreeMap<Packages, Prepared<Builder>>>,
    debugging: Debugging,
    stdin: Stdin,
    requests: Mutex<Requests>,
    arrived: Condvar,
}

/// Names of packages and what a `Cargo.toml` says of each.
type Packages = Vec<(String, String)>;

/// Everything that the two threads and the transport share.
#[derive(Default)]
struct Requests {
    shell: VecDeque<Queued>,
    control: VecDeque<(Channel, Message)>,
    /// Stops the cell that runs.
    running: Option<Stop>,
    execution_count: u32,
    history: History,
    /// Whether a client is there: it has asked something.
    was_asked: bool,
    /// Whether a cell has run.
    has_run: bool,
    /// A shutdown request has come: what comes after it is for the next kernel.
    shutting_down: bool,
    closed: bool,
}

/// A shell request that waits.
struct Queued {
    message: Message,
    /// Stops it, if it is a cell: made here and not when the cell starts, so
    /// that an interrupt just before still reaches it.
    stop: Stop,
    /// A cell before it has failed.
    aborted: bool,
}

impl Kernel {
    /// Starts a kernel whose messages go to `outbox`.
    ///
    /// # Errors
    /// When the operating system has no threads left.
    pub fn start(workshop: Workshop, outbox: Arc<dyn Outbox>) -> io::Result<Kernel> {
        let session = new_id();
        let history = History::open(workshop.history.as_deref(), &session);
        let requests = Requests {
            history,
            ..Requests::default()
        };
        let core = Arc::new(Core {
            sessions: Session::new(workshop.sessions.clone(), outbox.clone(), session.clone()),
            session,
            outbox,
            workshop,
            definitions: Mutex::default(),
            builders: Mutex::default(),
            debugging: Debugging::default(),
            stdin: Stdin::default(),
            requests: Mutex::new(requests),
            arrived: Condvar::new(),
        });
        let starting = Status {
            execution_state: ExecutionState::Starting,
        };
        core.outbox
            .send(Channel::Iopub, Message::new(&starting, &core.session, None));
        let mut kernel = Kernel {
            core,
            threads: Vec::new(),
        };
        kernel.spawn("kernel-shell", Core::serve_shell)?;
        kernel.spawn("kernel-control", Core::serve_control)?;
        Ok(kernel)
    }

    fn spawn(&mut self, name: &str, serve: fn(&Core)) -> io::Result<()> {
        let core = self.core.clone();
        let thread = thread::Builder::new().name(name.to_owned());
        self.threads.push(thread.spawn(move || serve(&core))?);
        Ok(())
    }

    /// Takes a message from a client. Never waits: answers come through the
    /// outbox.
    ///
    /// # Errors
    /// If so many requests wait already that this one is not taken.
    pub fn receive(&self, channel: Channel, message: Message) -> Result<(), QueueFull> {
        // These two take effect now, even while the queues are long. Old
        // clients send them on the shell channel.
        let urgent = match message.msg_type() {
            "interrupt_request" => {
                self.interrupt();
                true
            }
            "shutdown_request" => {
                if matches!(Request::read(&message), Ok(Some(Request::Shutdown(_)))) {
                    self.core.stop_everything().shutting_down = true;
                }
                true
            }
            "input_reply" => {
                self.core.stdin.answered(&message);
                return Ok(());
            }
            _ => channel == Channel::Control,
        };
        let mut requests = self.core.requests();
        if urgent {
            if requests.control.len() >= QUEUED {
                return Err(QueueFull);
            }
            requests.control.push_back((channel, message));
        } else if channel == Channel::Shell {
            if requests.shell.len() >= QUEUED {
                return Err(QueueFull);
            }
            requests.shell.push_back(Queued {
                message,
                stop: Stop::new(),
                aborted: false,
            });
        }
        drop(requests);
        self.core.arrived.notify_all();
        Ok(())
    }

    /// Stops the cell that runs, or the one that is about to. Those queued
    /// behind it are aborted, since it fails.
    pub fn interrupt(&self) {
        let requests = self.core.requests();
        let next = || requests.shell.iter().find(|queued| queued.is_cell());
        let stop = requests
            .running
            .as_ref()
            .or_else(|| next().map(|queued| &queued.stop));
        // Pressing the switch doesn't wait.
        if let Some(stop) = stop {
            stop.stop();
        }
    }

    /// Ends the kernel as dropping it does, and returns what it received after
    /// a shutdown request: when it restarts, that is for the next kernel.
    pub fn end(mut self) -> Vec<(Channel, Message)> {
        if !self.core.requests().shutting_down {
            return Vec::new();
        }
        self.close();
        let mut requests = self.core.requests();
        let control = std::mem::take(&mut requests.control).into_iter();
        let shell = std::mem::take(&mut requests.shell).into_iter();
        let shell = shell.map(|queued| (Channel::Shell, queued.message));
        control.chain(shell).collect()
    }

    fn close(&mut self) {
        self.core.requests().closed = true;
        self.core.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // A panic there is already printed; there is nothing to undo.
            let _ = thread.join();
        }
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        drop(self.core.stop_everything());
        self.close();
    }
}

impl Queued {
    fn is_cell(&self) -> bool {
        self.message.msg_type() == "execute_request"
    }
}

impl Core {
    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn definitions(&self) -> MutexGuard<'_, Definitions> {
        let definitions = self.definitions.lock();
        definitions.unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the running cell and forgets those that wait.
    fn stop_everything(&self) -> MutexGuard<'_, Requests> {
        let mut requests = self.requests();
        requests.shell.clear();
        if let Some(running) = &requests.running {
            running.stop();
        }
        requests
    }

    /// Waits for what `take` takes; `None` once the kernel is closed. Between
    /// requests, `idle` is called now and then.
    fn wait<T>(&self, take: fn(&mut Requests) -> Option<T>, idle: &dyn Fn()) -> Option<T> {
        let mut requests = self.requests();
        loop {
            if requests.closed {
                return None;
            }
            if let Some(taken) = take(&mut requests) {
                return Some(taken);
            }
            let waited = self.arrived.wait_timeout(requests, IDLE);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            requests = woken;
            if timeout.timed_out() {
                drop(requests);
                idle();
                requests = self.requests();
            }
        }
    }

    /// Before its first cell, an idle kernel gets a session ready.
    fn prepare_session(&self) {
        let requests = self.requests();
        let may_need_it = requests.was_asked && !requests.has_run;
        drop(requests);
        if may_need_it && self.sessions.is_possible() {
            self.sessions.prepare();
        }
    }

    fn serve_shell(&self) {
        let next = |requests: &mut Requests| {
            if requests.shutting_down {
                return None;
            }
            let queued = requests.shell.pop_front()?;
            if queued.is_cell() {
                requests.running = Some(queued.stop.clone());
            }
            Some(queued)
        };
        while let Some(queued) = self.wait(next, &|| self.prepare_session()) {
            let mut requests = self.requests();
            requests.was_asked = true;
            requests.has_run |= queued.is_cell();
            drop(requests);
            let publisher = self.publisher(&queued.message);
            publisher.status(ExecutionState::Busy);
            if queued.aborted {
                self.abort(&publisher);
            } else {
                self.answer_or_fail(Channel::Shell, &queued.stop, &publisher);
            }
            self.requests().running = None;
            publisher.status(ExecutionState::Idle);
        }
    }

    /// Answers even if that panics, which only a mistake of ours can cause: the
    /// client must not wait forever, and the next cell must run.
    fn answer_or_fail(&self, channel: Channel, stop: &Stop, publisher: &Publisher<'_>) {
        let answer = || self.answer(channel, stop, publisher);
        if panic::catch_unwind(AssertUnwindSafe(answer)).is_err() {
            let sentence = "The kernel itself has failed; where it was started you can read why.";
            let error = ending::error("KernelFailure", sentence);
            publisher.publish(&error);
            publisher.reply_error(channel, &error);
        }
    }

    fn serve_control(&self) {
        while let Some((channel, message)) =
            self.wait(|requests| requests.control.pop_front(), &|| {})
        {
            let publisher = self.publisher(&message);
            publisher.status(ExecutionState::Busy);
            self.answer_or_fail(channel, &Stop::new(), &publisher);
            publisher.status(ExecutionState::Idle);
            if let Ok(Some(Request::Shutdown(shutdown))) = Request::read(&message) {
                self.outbox.shut_down(shutdown.restart);
                return;
            }
        }
    }

    fn publisher<'a>(&'a self, request: &'a Message) -> Publisher<'a> {
        Publisher {
            outbox: &*self.outbox,
            session: &self.session,
            request,
            origins: None,
        }
    }

    fn answer(&self, channel: Channel, stop: &Stop, publisher: &Publisher<'_>) {
        match Request::read(publisher.request) {
            Ok(Some(request)) => self.answer_request(channel, request, stop, publisher),
            Ok(None) => answer_unknown(channel, publisher),
            Err(sentence) => {
                publisher.reply_error(channel, &ending::error("BadRequest", sentence));
            }
        }
    }

    fn answer_request(
        &self,
        channel: Channel,
        request: Request,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) {
        match request {
            Request::Execute(request) if channel == Channel::Shell => {
                self.execute(&request, stop, publisher);
            }
            Request::Execute(_) => {
                let error = ending::error("BadRequest", "cells run on the shell channel only");
                publisher.reply_error(channel, &error);
            }
            Request::KernelInfo => {
                let rustc = self.workshop.rustc_version.within(RUSTC_VERSION);
                let info = kernelspec::kernel_info(&rustc.unwrap_or_default());
                publisher.reply(channel, &info);
            }
            Request::IsComplete(request) => publisher.reply(channel, &completeness(&request.code)),
            Request::Complete(request) => {
                let known = self.known_names();
                let reply = completion::complete(&request, &known, &self.sessions);
                publisher.reply(channel, &reply);
            }
            Request::Inspect(request) => {
                publisher.reply(channel, &inspection::inspect(&request, &self.sessions));
            }
            Request::History(request) => {
                // Searching takes a while: not under the lock.
                let history = self.requests().history.clone();
                let reply = HistoryReply {
                    status: Fine::Ok,
                    history: history.answer(&request),
                };
                publisher.reply(channel, &reply);
            }
            Request::CommInfo => {
                let reply = CommInfoReply {
                    status: Fine::Ok,
                    comms: Map::new(),
                };
                publisher.reply(channel, &reply);
            }
            Request::CommOpen(comm) => publisher.publish(&CommClose {
                comm_id: comm.comm_id,
                data: Map::new(),
            }),
            Request::CommOther => {}
            Request::Debug(asked) => {
                let answer = self.debugging.answer(&asked, &self.definitions());
                publisher.reply(channel, &DebugReply(answer));
            }
            Request::Interrupt => publisher.reply(channel, &InterruptReply { status: Fine::Ok }),
            Request::Shutdown(shutdown) => {
                let reply = ShutdownReply {
                    status: Fine::Ok,
                    restart: shutdown.restart,
                };
                publisher.publish(&reply);
                publisher.reply(channel, &reply);
            }
        }
    }

    fn execute(&self, request: &ExecuteRequest, stop: &Stop, publisher: &Publisher<'_>) {
        let cell = match is_known_program(&publisher.request.metadata) {
            true => Cell::read_program(&request.code),
            false => Cell::read(&request.code),
        };
        let empty = matches!(
            &cell,
            Ok(Cell {
                code: Code::Empty,
                ..
            })
        );
        let execution_count = self.count(request, empty);
        if !request.silent {
            publisher.publish(&ExecuteInput {
                code: &request.code,
                execution_count,
            });
        }
        let ran = match cell {
            Ok(cell) => self.run(cell, execution_count, stop, publisher),
            Err(sentence) => Finish::refused(ending::error("BadMagic", sentence)).into(),
        };
        if let Some(data) = ran.result {
            publisher.publish(&ExecuteResult {
                execution_count,
                data,
                metadata: Map::new(),
            });
        }
        let reply = match ran.finish.error {
            Some(error) => {
                publisher.publish(&error);
                if request.stop_on_error {
                    // Nobody has the reply yet, so what comes now was sent
                    // before the failure was known.
                    thread::sleep(CELLS_ARRIVE);
                    self.abort_queued();
                }
                ExecuteReply::Error {
                    execution_count,
                    error,
                }
            }
            None => ExecuteReply::Ok {
                execution_count,
                payload: ran.payload.into_iter().collect(),
                user_expressions: self.evaluate(&request.user_expressions, stop, publisher),
            },
        };
        let metadata = ran.finish.metadata;
        publisher.reply_with(Channel::Shell, &reply, kernelspec::NAME, metadata);
    }

    /// The cell's number; a new one if it is to be remembered.
    fn count(&self, request: &ExecuteRequest, empty: bool) -> u32 {
        let mut requests = self.requests();
        if request.store_history && !request.silent && !empty {
            requests.execution_count += 1;
            let count = requests.execution_count;
            requests.history.push(count as usize, &request.code);
        }
        requests.execution_count
    }

    fn run(&self, cell: Cell, count: u32, stop: &Stop, publisher: &Publisher<'_>) -> Ran {
        let code = match cell.code {
            // Of no `main` that another has defined.
            Code::CallOfMain if stands_alone(&publisher.request.metadata) => {
                Code::Session("main();\n".to_owned())
            }
            code => code,
        };
        match (code, cell.magic) {
            (
                Code::Session(code),
                magic @ (None
                | Some(Magic::Run { .. } | Magic::Outcomes { .. } | Magic::Trace { .. })),
            ) if is_of_a_page(&publisher.request.metadata) => {
                let doctest = doctest::program(&code);
                self.run_program(&doctest, magic, count, stop, publisher)
                    .into()
            }
            (_, Some(Magic::Help { name })) => self.help(&name),
            (_, Some(Magic::Format)) => self.format(publisher),
            (code, Some(Magic::Time)) => self.time(code, count, stop, publisher),
            (Code::Session(code), Some(Magic::Timeit)) => {
                self.run_in_session(&timed_again_and_again(&code), count, stop, publisher)
            }
            (_, Some(Magic::Timeit)) => {
                let sentence = "%timeit takes an expression or statements of a session; %%time \
                                takes the time of a program.";
                Finish::refused(ending::error("NotTimed", sentence)).into()
            }
            (Code::Session(code), None) => self.run_in_session(&code, count, stop, publisher),
            (Code::Empty, None) => Finish::nothing().into(),
            (Code::Program(program), magic) => {
                self.run_with_program(&program, magic, count, stop, publisher)
            }
            (Code::CallOfMain, magic) => {
                let program = self.definitions().program();
                match (program, magic) {
                    (Some(source), magic) => self
                        .run_program(&WholeProgram::of(&source), magic, count, stop, publisher)
                        .into(),
                    (None, None) => self.run_in_session("main();", count, stop, publisher),
                    (None, Some(magic)) => not_a_program(&magic),
                }
            }
            (_, Some(magic)) => not_a_program(&magic),
        }
    }

    /// Runs a program, and in the session what stands beside it in its cell.
    fn run_with_program(
        &self,
        program: &Program,
        magic: Option<Magic>,
        count: u32,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) -> Ran {
        if stands_alone(&publisher.request.metadata) || !self.sessions.is_possible() {
            return self
                .run_program(
                    &WholeProgram::of(&program.whole),
                    magic,
                    count,
                    stop,
                    publisher,
                )
                .into();
        }
        let mut before = String::new();
        let asked_for = self.definitions().dependencies().clone();
        for line in &program.commands {
            match Dependency::read(line) {
                // The session gets it when it needs it.
                Some(dependency) => self.definitions().depend(dependency, None),
                None => before += &format!("{line}\n"),
            }
        }
        before += program.before.as_deref().unwrap_or_default();
        let mut ran = None;
        if !before.is_empty() {
            ran = Some(self.run_in_session(&before, count, stop, publisher));
        } else if program.after.is_none() {
            self.sessions.programs_only();
        }
        if let Some(ran) = ran.take_if(|ran| ran.finish.error.is_some()) {
            return ran;
        }
        let finish = self.run_program(
            &WholeProgram::of(&program.source),
            magic,
            count,
            stop,
            publisher,
        );
        if let Some(error) = &finish.error {
            if error.ename == "BuildError" {
                // What can't be had is not asked for again.
                self.definitions().set_dependencies(asked_for);
            }
            return finish.into();
        }
        if let Some(after) = &program.after {
            ran = Some(self.run_in_session(after, count, stop, publisher));
        }
        let ran = ran.unwrap_or_else(|| Ran::from(Finish::nothing()));
        match ran.finish.error {
            Some(_) => ran,
            None => Ran { finish, ..ran },
        }
    }

    fn run_program(
        &self,
        program: &WholeProgram,
        magic: Option<Magic>,
        count: u32,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) -> Finish {
        let source = program.source.as_str();
        let asked = match &magic {
            Some(Magic::Run { edition, .. }) => *edition,
            Some(Magic::Outcomes { how, .. } | Magic::Trace { how, .. }) => how.edition,
            _ => None,
        };
        let edition = asked.or_else(|| front_ends_edition(&publisher.request.metadata));
        let workshop = self.workshop.in_edition(edition);
        let workshop = match program.is_tests {
            true => workshop.for_tests(),
            false => workshop,
        };
        let began = Instant::now();
        let (composed, workshop) = self.compose(source, &workshop, stop, publisher);
        let composing = began.elapsed().as_secs_f64();
        let (text, workshop) = (&composed.source, &workshop);
        let publisher = &publisher.for_program(&composed.origins);
        let mut finish = match magic {
            None | Some(Magic::Help { .. } | Magic::Time | Magic::Timeit | Magic::Format) => {
                program::execute(text, None, workshop, stop, publisher, &self.stdin)
            }
            Some(Magic::Run { runs, .. }) => {
                program::execute(text, Some(runs), workshop, stop, publisher, &self.stdin)
            }
            Some(Magic::Outcomes {
                how,
                first,
                possible,
            }) => exploring::outcomes(text, how, first, possible, workshop, stop, publisher),
            Some(Magic::Trace { how, execution }) => {
                exploring::trace(text, how, &execution, workshop, stop, publisher)
            }
        };
        if let Some(seconds) = finish.metadata["build"]["seconds"].as_f64() {
            // To find out what it needs, it was perhaps built already.
            finish.metadata["build"]["seconds"] = (seconds + composing).into();
        }
        if let Some(error) = &mut finish.error {
            for said in error.traceback.iter_mut().chain([&mut error.evalue]) {
                *said = composed.origins.named(said).into_owned();
            }
        }
        if self.sessions.is_possible() && !stands_alone(&publisher.request.metadata) {
            let ename = finish.error.as_ref().map(|error| error.ename.as_str());
            if !matches!(ename, Some("CompileError" | "BuildError")) {
                self.definitions().define_program(source, count);
            }
            if let Some(error) = &mut finish.error {
                ending::name_variables(error, self.definitions().variables().keys());
            }
        }
        finish
    }

    /// The program with those definitions of earlier cells that it needs, and
    /// the workshop that has the packages that it asks for.
    fn compose(
        &self,
        source: &str,
        workshop: &Workshop,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) -> (Composed, Workshop) {
        let is_alone = stands_alone(&publisher.request.metadata);
        let mut candidates = match self.sessions.is_possible() && !is_alone {
            true => self.definitions().compose(source).into_iter(),
            false => vec![Composed::alone(source)].into_iter(),
        };
        let candidate = |composed: Composed| {
            let workshop = self.with_packages(workshop, &composed.dependencies);
            (composed, workshop)
        };
        let first = candidates.next().unwrap_or_else(|| Composed::alone(source));
        let first = candidate(first);
        let Some(second) = candidates.next() else {
            return first;
        };
        let errors = |(composed, workshop): &(Composed, Workshop)| match program::build(
            &composed.source,
            workshop,
            stop,
            publisher,
        ) {
            Err(BuildError::Rejected { codes, .. }) => codes.len().max(1),
            Err(BuildError::Failed(_)) => usize::MAX,
            _ => 0,
        };
        let rejected = errors(&first);
        if rejected == 0 {
            return first;
        }
        let second = candidate(second);
        if errors(&second) < rejected {
            second
        } else {
            first
        }
    }

    /// The workshop whose programs can use these packages, too.
    fn with_packages(&self, workshop: &Workshop, packages: &[(String, String)]) -> Workshop {
        let builder = workshop.builder.within(Duration::ZERO);
        let packages: Vec<_> = packages
            .iter()
            .filter(|(name, config)| {
                // Of those that programs have anyway, any version will do.
                let is_plain = config.starts_with('"');
                let libraries = builder.as_ref().map(Builder::libraries);
                let mut known = libraries.into_iter().flat_map(Libraries::names);
                !(is_plain && known.any(|known| known == name.replace('-', "_")))
            })
            .cloned()
            .collect();
        if packages.is_empty() {
            return workshop.clone();
        }
        let mut builders = self.builders.lock().unwrap_or_else(PoisonError::into_inner);
        let builder = builders.entry(packages.clone()).or_insert_with(|| {
            let builder = self.workshop.builder.clone();
            Prepared::new(move |tell| {
                let builder = builder.wait(&Stop::new(), &mut |_, _| {});
                let builder = builder.map_err(|error| error.to_string())?;
                let built = builder.with_packages(&packages, tell);
                built.map_err(|error| runner::without_colours(&error.to_string()))
            })
        });
        workshop.with_builder(builder.clone())
    }

    fn run_in_session(
        &self,
        code: &str,
        count: u32,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) -> Ran {
        if !self.sessions.is_possible() {
            return Finish::refused(ending::error("NotAProgram", NOT_A_PROGRAM)).into();
        }
        if code.trim() == ":vars" {
            return Ran::of(inspection::variables(&self.definitions()));
        }
        let started = Instant::now();
        self.tell_session(code, stop, publisher);
        let number = self.sessions.number();
        let outcome = self
            .sessions
            .execute(code, Some(count), stop, publisher, &self.stdin);
        let mut definitions = self.definitions();
        if outcome.defined {
            definitions.define(code, count, Some(number));
        }
        if let Some(variables) = outcome.variables {
            definitions.set_variables(variables);
        }
        drop(definitions);
        let (mut result, mut payload) = (outcome.result, None);
        if code.trim() == ":help" || code.trim_start().starts_with(":doc") {
            payload = result.take().map(|data| Payload::Page(Page::new(data)));
        }
        Ran {
            finish: Finish {
                error: outcome.error,
                metadata: json!({"seconds": started.elapsed().as_secs_f64()}),
            },
            result,
            payload,
        }
    }

    /// Tells the session what the code names and only programs have defined, or
    /// a session that is lost. If that fails, the cell's own error says more.
    fn tell_session(&self, code: &str, stop: &Stop, publisher: &Publisher<'_>) {
        let builder = self.workshop.builder.within(Duration::ZERO);
        let libraries = builder.as_ref().map(Builder::libraries);
        let crates = libraries.into_iter().flat_map(Libraries::names);
        let crates: Vec<String> = crates.map(str::to_owned).collect();
        let number = self.sessions.number();
        let missing = self.definitions().missing(code, number, &crates);
        if let Some(missing) = missing {
            let told = self
                .sessions
                .execute(&missing, None, stop, publisher, &self.stdin);
            if told.defined {
                self.definitions().told(&missing, number);
            }
        }
    }

    /// What a cell can use, and of what kind that is.
    fn known_names(&self) -> Vec<(String, &'static str)> {
        // Completing doesn't wait for libraries to be built.
        let builder = self.workshop.builder.within(Duration::ZERO);
        let libraries = builder.as_ref().map(Builder::libraries);
        let crates = libraries.into_iter().flat_map(Libraries::names);
        let mut names: Vec<_> = crates.map(|name| (name.to_owned(), "module")).collect();
        let definitions = self.definitions();
        names.extend(definitions.crates().map(|name| (name, "module")));
        let variables = definitions.variables().keys();
        names.extend(variables.map(|name| (name.clone(), "instance")));
        let items = definitions.items();
        names.extend(items.map(|(name, word, _)| (name.to_owned(), word)));
        names
    }

    /// Gives the front end the cell's text formatted, in its place.
    fn format(&self, publisher: &Publisher<'_>) -> Ran {
        let source = publisher.request.content["code"]
            .as_str()
            .unwrap_or_default();
        let code = source
            .trim_start()
            .split_once('\n')
            .map_or("", |(_, code)| code);
        let builder = self.workshop.builder.within(Duration::ZERO);
        let edition = builder
            .as_ref()
            .map(|builder| builder.libraries().edition());
        match formatting::formatted(code, edition.unwrap_or("2024")) {
            Ok(text) => Ran {
                payload: Some(Payload::NextInput(NextInput::replacing(text))),
                ..Ran::from(Finish::nothing())
            },
            Err(sentence) => Finish::refused(ending::error("NotFormatted", sentence)).into(),
        }
    }

    /// Runs a cell, and says how long that took.
    fn time(&self, code: Code, count: u32, stop: &Stop, publisher: &Publisher<'_>) -> Ran {
        let started = Instant::now();
        let ran = self.run(Cell { magic: None, code }, count, stop, publisher);
        let seconds = |value: &Value| value.as_f64();
        let metadata = &ran.finish.metadata;
        let text = match (
            seconds(&metadata["build"]["seconds"]),
            seconds(&metadata["seconds"]),
        ) {
            (Some(built), Some(took)) => {
                format!("Compiled in {built:.3} s, ran for {took:.3} s\n")
            }
            _ => format!(
                "Compiled and ran in {:.3} s\n",
                started.elapsed().as_secs_f64()
            ),
        };
        publisher.publish(&StreamOutput {
            name: Stream::Stderr,
            text: &text,
        });
        ran
    }

    fn help(&self, name: &str) -> Ran {
        if name.is_empty() {
            let mut data = Map::new();
            data.insert("text/plain".to_owned(), HELP.into());
            return Ran::page(data);
        }
        match inspection::explain(name, &self.sessions) {
            Some(data) => Ran::page(data),
            None => {
                let sentence = format!("There is no help on {name}.");
                Finish::refused(ending::error("NoHelp", sentence)).into()
            }
        }
    }

    /// Evaluates expressions in the session. Without one there is nothing to
    /// evaluate them in.
    fn evaluate(
        &self,
        expressions: &Map<String, Value>,
        stop: &Stop,
        publisher: &Publisher<'_>,
    ) -> Map<String, Value> {
        let evaluate = |expression: &Value| {
            let Some(code) = expression.as_str().filter(|_| self.sessions.is_used()) else {
                let sentence = "a program leaves nothing to evaluate this with";
                return session::not_evaluated(&ending::error("NoSession", sentence));
            };
            session::evaluated(
                self.sessions
                    .execute(code, None, stop, publisher, &self.stdin),
            )
        };
        expressions
            .iter()
            .map(|(name, expression)| (name.clone(), evaluate(expression)))
            .collect()
    }

    fn abort_queued(&self) {
        for queued in &mut self.requests().shell {
            queued.aborted = queued.is_cell();
        }
    }

    fn abort(&self, publisher: &Publisher<'_>) {
        let execution_count = self.requests().execution_count;
        publisher.reply(Channel::Shell, &ExecuteReply::Aborted { execution_count });
    }
}

/// What became of a cell, and what there is to show for it.
struct Ran {
    finish: Finish,
    /// Its value.
    result: Option<Map<String, Value>>,
    payload: Option<Payload>,
}

impl From<Finish> for Ran {
    fn from(finish: Finish) -> Ran {
        Ran {
            finish,
            result: None,
            payload: None,
        }
    }
}

impl Ran {
    /// A cell with this value and no other effect.
    fn of(data: Map<String, Value>) -> Ran {
        Ran {
            result: Some(data),
            ..Ran::from(Finish::nothing())
        }
    }

    /// A cell whose only effect is this page.
    fn page(data: Map<String, Value>) -> Ran {
        Ran {
            payload: Some(Payload::Page(Page::new(data))),
            ..Ran::from(Finish::nothing())
        }
    }
}

/// Code that runs this code so often that it takes a while, seven times, and
/// prints how long once takes.
fn timed_again_and_again(code: &str) -> String {
    format!(
        "{{
            let mut interleaved_once = || {{ std::hint::black_box({{ {code}
            }}); }};
            let mut interleaved_time = |runs: u32| {{
                let began = std::time::Instant::now();
                for _ in 0..runs {{ interleaved_once(); }}
                began.elapsed()
            }};
            let mut runs = 1u32;
            while runs < 1_000_000_000 && interleaved_time(runs) < std::time::Duration::from_millis(100) {{
                runs *= 10;
            }}
            let mut all: Vec<std::time::Duration> = (0..7).map(|_| interleaved_time(runs) / runs).collect();
            all.sort();
            println!(\"{{:?}} (the middle of 7 times {{runs}} runs, from {{:?}} to {{:?}}; :opt 2 optimises)\", all[3], all[0], all[6]);
        }}"
    )
}

/// A magic over a cell that it can do nothing with.
fn not_a_program(magic: &Magic) -> Ran {
    let name = magic.name();
    let sentence = format!("{name} takes a program: write one with a top-level fn main below it.");
    Finish::refused(ending::error("NotAProgram", sentence)).into()
}

/// Messages that ask for nothing are passed over, as the specification says.
fn answer_unknown(channel: Channel, publisher: &Publisher<'_>) {
    let msg_type = publisher.request.msg_type();
    if msg_type.ends_with("_request") {
        let sentence = format!("this kernel knows no {msg_type}");
        publisher.reply_error(channel, &ending::error("UnknownRequest", sentence));
    }
}

/// Whether it is said of a program that it is an example on a page, which
/// rustdoc would make a program of: `{"interleaved": {"rustdoc": true}}`.
fn is_of_a_page(metadata: &Map<String, Value>) -> bool {
    let said = metadata.get("interleaved");
    said.and_then(|it| it.get("rustdoc")) == Some(&Value::Bool(true))
}

/// Whether a program has nothing of other cells, and they have nothing of it: it is
/// a listing's, or an example on a page.
fn stands_alone(metadata: &Map<String, Value>) -> bool {
    is_known_program(metadata) || is_of_a_page(metadata)
}

/// The edition of which the front end's page or notebook says that its programs
/// are: the request's metadata may, as `{"interleaved": {"edition": "2021"}}`.
fn front_ends_edition(metadata: &Map<String, Value>) -> Option<&'static str> {
    let edition = metadata.get("interleaved")?.get("edition")?.as_str()?;
    runner::libraries::edition(edition).ok()
}

/// Whether the front end knows that the cell is a program, as a listing of a book
/// is: the request's metadata may say so, as `{"interleaved": {"program": true}}`.
fn is_known_program(metadata: &Map<String, Value>) -> bool {
    let ours = metadata.get("interleaved");
    ours.and_then(|ours| ours.get("program")?.as_bool()) == Some(true)
}
