//! The kernel itself: takes requests in, runs cells one after the other, and
//! answers. Independent of any transport.

use crate::cell::{Cell, Code, Magic, completeness};
use crate::content::{
    CommClose, CommInfoReply, CompleteReply, ExecuteInput, ExecuteReply, ExecuteRequest,
    ExecutionState, HistoryReply, InspectReply, InterruptReply, Ok as Fine, Request, ShutdownReply,
    Status,
};
use crate::ending::{self, Finish};
use crate::exploring;
use crate::header::new_id;
use crate::history::History;
use crate::kernelspec;
use crate::message::{Channel, Message};
use crate::program;
pub use crate::publisher::Outbox;
use crate::publisher::Publisher;
use crate::workshop::Workshop;
use runner::Stop;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many requests may wait on each of the two queues.
const QUEUED: usize = 1000;

/// How long an answer waits for the compiler to say its version, without which
/// it is complete, too.
const RUSTC_VERSION: Duration = Duration::from_millis(100);

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
    requests: Mutex<Requests>,
    arrived: Condvar,
}

/// Everything that the two threads and the transport share.
#[derive(Default)]
struct Requests {
    shell: VecDeque<Queued>,
    control: VecDeque<(Channel, Message)>,
    /// Stops the cell that runs.
    running: Option<Stop>,
    execution_count: u32,
    history: History,
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
        let core = Arc::new(Core {
            session: new_id(),
            outbox,
            workshop,
            requests: Mutex::default(),
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
                self.core.stop_everything();
                true
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
}

impl Drop for Kernel {
    fn drop(&mut self) {
        self.core.stop_everything();
        self.core.requests().closed = true;
        self.core.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // A panic there is already printed; there is nothing to undo.
            let _ = thread.join();
        }
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

    /// Stops the running cell and forgets those that wait.
    fn stop_everything(&self) {
        let mut requests = self.requests();
        requests.shell.clear();
        if let Some(running) = &requests.running {
            running.stop();
        }
    }

    /// Waits for what `take` takes; `None` once the kernel is closed.
    fn wait<T>(&self, take: fn(&mut Requests) -> Option<T>) -> Option<T> {
        let mut requests = self.requests();
        loop {
            if requests.closed {
                return None;
            }
            if let Some(taken) = take(&mut requests) {
                return Some(taken);
            }
            requests = self
                .arrived
                .wait(requests)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve_shell(&self) {
        let next = |requests: &mut Requests| {
            let queued = requests.shell.pop_front()?;
            if queued.is_cell() {
                requests.running = Some(queued.stop.clone());
            }
            Some(queued)
        };
        while let Some(queued) = self.wait(next) {
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
        while let Some((channel, message)) = self.wait(|requests| requests.control.pop_front()) {
            let publisher = self.publisher(&message);
            publisher.status(ExecutionState::Busy);
            self.answer_or_fail(channel, &Stop::new(), &publisher);
            publisher.status(ExecutionState::Idle);
            if let Ok(Some(Request::Shutdown(shutdown))) = Request::read(&message) {
                self.outbox.shut_down(shutdown.restart);
            }
        }
    }

    fn publisher<'a>(&'a self, request: &'a Message) -> Publisher<'a> {
        Publisher {
            outbox: &*self.outbox,
            session: &self.session,
            request,
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
                let cursor = request.cursor_pos.min(request.code.chars().count());
                let reply = CompleteReply {
                    status: Fine::Ok,
                    matches: Vec::new(),
                    cursor_start: cursor,
                    cursor_end: cursor,
                    metadata: Map::new(),
                };
                publisher.reply(channel, &reply);
            }
            Request::Inspect => {
                let reply = InspectReply {
                    status: Fine::Ok,
                    found: false,
                    data: Map::new(),
                    metadata: Map::new(),
                };
                publisher.reply(channel, &reply);
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
        let cell = Cell::read(&request.code);
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
        let finish = match cell {
            Ok(cell) => self.run(cell, stop, publisher),
            Err(sentence) => Finish::refused(ending::error("BadMagic", sentence)),
        };
        let reply = match finish.error {
            Some(error) => {
                publisher.publish(&error);
                if request.stop_on_error {
                    self.abort_queued();
                }
                ExecuteReply::Error {
                    execution_count,
                    error,
                }
            }
            None => ExecuteReply::Ok {
                execution_count,
                payload: Vec::new(),
                user_expressions: not_evaluated(&request.user_expressions),
            },
        };
        publisher.reply_with(Channel::Shell, &reply, kernelspec::NAME, finish.metadata);
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

    fn run(&self, cell: Cell, stop: &Stop, publisher: &Publisher<'_>) -> Finish {
        let workshop = &self.workshop;
        match (cell.code, cell.magic) {
            (Code::Program(source), None) => {
                program::execute(&source, None, workshop, stop, publisher)
            }
            (Code::Program(source), Some(Magic::Run { runs })) => {
                program::execute(&source, Some(runs), workshop, stop, publisher)
            }
            (
                Code::Program(source),
                Some(Magic::Outcomes {
                    how,
                    first,
                    possible,
                }),
            ) => exploring::outcomes(&source, how, first, possible, workshop, stop, publisher),
            (Code::Program(source), Some(Magic::Trace { how, execution })) => {
                exploring::trace(&source, how, &execution, workshop, stop, publisher)
            }
            (Code::Empty, None) => Finish {
                error: None,
                metadata: json!({}),
            },
            (_, Some(magic)) => {
                let name = magic.name();
                let sentence =
                    format!("{name} takes a program: write one with a top-level fn main below it.");
                Finish::refused(ending::error("NotAProgram", sentence))
            }
            (Code::Session(_), None) => Finish::refused(ending::error(
                "NotAProgram",
                "This cell is not a program: give it a top-level fn main.",
            )),
        }
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

/// Without a session there is nothing to evaluate expressions in.
fn not_evaluated(expressions: &Map<String, Value>) -> Map<String, Value> {
    let error = ending::error(
        "NoSession",
        "a program leaves nothing to evaluate this with",
    );
    expressions
        .keys()
        .map(|name| {
            let mut outcome = json!(error);
            outcome["status"] = "error".into();
            (name.clone(), outcome)
        })
        .collect()
}

/// Messages that ask for nothing are passed over, as the specification says.
fn answer_unknown(channel: Channel, publisher: &Publisher<'_>) {
    let msg_type = publisher.request.msg_type();
    if msg_type.ends_with("_request") {
        let sentence = format!("this kernel knows no {msg_type}");
        publisher.reply_error(channel, &ending::error("UnknownRequest", sentence));
    }
}
