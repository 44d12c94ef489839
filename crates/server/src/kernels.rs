//! The kernels that run, and who is connected to each.

use super::threads::on_a_thread;
use cargo_outcomes::stderr::say;
use kernel::content::{ExecutionState, Status};
use kernel::header::{new_id, now};
use kernel::{Channel, Kernel, Message, Outbox, QueueFull, Workshop};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

/// How many kernels may run at once: one for each page of a large class. What they run
/// waits in line.
const KERNELS: usize = 256;

/// How many connections a kernel may have at once.
const CONNECTIONS: usize = 16;

/// How many messages may wait for a connection. Then the kernel waits too, and
/// with it the program that prints.
const UNSENT: usize = 64;

/// How long a kernel waits for a connection that takes nothing, before it is
/// cut.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look for kernels that nobody is connected to.
const CULL_EVERY: Duration = Duration::from_secs(1);

/// How long a kernel waits at least for its first connection, also on a machine
/// with far too much to do.
const FIRST: Duration = Duration::from_secs(60);

/// All kernels, by their ids.
pub(super) struct Kernels {
    workshop: Workshop,
    /// How long a kernel goes on without a connection.
    keep: Duration,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_id: BTreeMap<String, Arc<Entry>>,
    /// The server ends: whatever started now would outlive it.
    ending: bool,
}

/// A place for a kernel: it keeps its id and connections when the kernel in it
/// is started again.
pub(super) struct Entry {
    pub(super) id: String,
    hub: Arc<Hub>,
    /// None for a moment, while it is started again, and once it has ended.
    kernel: tokio::sync::Mutex<Option<Kernel>>,
}

/// Passes a kernel's messages on to its connections.
struct Hub {
    id: String,
    kernels: Weak<Kernels>,
    runtime: Handle,
    state: Mutex<State>,
    /// Becomes true once the kernel has ended for good.
    ended: watch::Sender<bool>,
}

struct State {
    connections: BTreeMap<u64, mpsc::Sender<Sent>>,
    next: u64,
    execution_state: String,
    last_activity: String,
    /// When the last connection went.
    alone_since: Instant,
}

/// A message on its way to a connection.
pub(super) type Sent = Arc<(Channel, Message)>;

/// A connection's end of a kernel. Dropping it disconnects.
pub(super) struct Connection {
    entry: Arc<Entry>,
    number: u64,
    /// What the kernel sends.
    pub(super) messages: mpsc::Receiver<Sent>,
}

/// A kernel as Jupyter's REST describes it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Model {
    id: String,
    name: &'static str,
    last_activity: String,
    execution_state: String,
    connections: usize,
}

impl Model {
    pub(super) fn connections(&self) -> usize {
        self.connections
    }
}

/// Why there won't be another kernel or connection.
#[derive(Debug)]
pub(super) enum Refused {
    /// There are too many, as a sentence.
    TooMany(String),
    /// This kernel has ended meanwhile.
    Gone,
    /// The server ends.
    Ending,
    /// The machine has no room, as a sentence.
    Failed(String),
}

impl Kernels {
    pub(super) fn new(workshop: Workshop, keep: Duration) -> Arc<Kernels> {
        Arc::new(Kernels {
            workshop,
            keep,
            entries: Mutex::default(),
        })
    }

    /// Starts a kernel.
    pub(super) fn start(self: &Arc<Kernels>) -> Result<Arc<Entry>, Refused> {
        let mut entries = self.entries();
        if entries.ending {
            return Err(Refused::Ending);
        }
        if entries.by_id.len() >= KERNELS {
            return Err(Refused::TooMany(format!(
                "{KERNELS} kernels run already: close some pages, and wait {} seconds",
                self.keep.as_secs()
            )));
        }
        let id = new_id();
        let hub = Arc::new(Hub {
            id: id.clone(),
            kernels: Arc::downgrade(self),
            runtime: Handle::current(),
            state: Mutex::new(State {
                connections: BTreeMap::new(),
                next: 0,
                execution_state: "starting".to_owned(),
                last_activity: now(),
                alone_since: Instant::now(),
            }),
            ended: watch::Sender::new(false),
        });
        let kernel = Kernel::start(self.workshop.clone(), hub.clone()).map_err(|error| {
            Refused::TooMany(format!("this machine can't take another kernel: {error}"))
        })?;
        // It needs no preparation; Jupyter's own are idle by now, too.
        hub.state().execution_state = "idle".to_owned();
        let entry = Arc::new(Entry {
            id: id.clone(),
            hub,
            kernel: tokio::sync::Mutex::new(Some(kernel)),
        });
        entries.by_id.insert(id, entry.clone());
        Ok(entry)
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Entry>> {
        self.entries().by_id.get(id).cloned()
    }

    pub(super) fn models(&self) -> Vec<Model> {
        self.entries()
            .by_id
            .values()
            .map(|entry| entry.model())
            .collect()
    }

    /// Ends a kernel; tells whether there was one. Waits for its programs to be
    /// gone.
    pub(super) fn remove(&self, id: &str) -> bool {
        let Some(entry) = self.entries().by_id.remove(id) else {
            return false;
        };
        entry.end();
        true
    }

    /// Starts a kernel again, in the same place. Waits for its programs to be
    /// gone.
    pub(super) fn restart(&self, id: &str) -> Result<(), Refused> {
        let entry = {
            let entries = self.entries();
            if entries.ending {
                return Err(Refused::Ending);
            }
            entries.by_id.get(id).cloned().ok_or(Refused::Gone)?
        };
        entry.restart(self.workshop.clone())
    }

    /// Ends all kernels, at once rather than one after the other, and lets
    /// none start any more.
    pub(super) fn end(&self) {
        let entries = {
            let mut entries = self.entries();
            entries.ending = true;
            std::mem::take(&mut entries.by_id)
        };
        std::thread::scope(|scope| {
            for entry in entries.values() {
                let end = || entry.end();
                if std::thread::Builder::new()
                    .spawn_scoped(scope, end)
                    .is_err()
                {
                    // The machine has no room for a thread: then one after the other.
                    entry.end();
                }
            }
        });
    }

    /// Ends kernels that nobody has been connected to for a while, again and
    /// again.
    pub(super) async fn cull_forever(self: Arc<Kernels>) {
        loop {
            tokio::time::sleep(CULL_EVERY).await;
            for entry in self.take_abandoned() {
                tokio::spawn(on_a_thread(move || entry.end()));
            }
        }
    }

    /// Takes out the kernels that nobody wants any more. From then on nobody
    /// can connect to them.
    fn take_abandoned(&self) -> Vec<Arc<Entry>> {
        let mut abandoned = Vec::new();
        self.entries().by_id.retain(|_, entry| {
            let is_abandoned = entry.close_if_abandoned(self.keep);
            if is_abandoned {
                abandoned.push(entry.clone());
            }
            !is_abandoned
        });
        abandoned
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    pub(super) fn model(&self) -> Model {
        let state = self.hub.state();
        Model {
            id: self.id.clone(),
            name: kernel::kernelspec::NAME,
            last_activity: state.last_activity.clone(),
            execution_state: state.execution_state.clone(),
            connections: state.connections.len(),
        }
    }

    /// Connects to the kernel.
    pub(super) fn connect(self: &Arc<Entry>) -> Result<Connection, Refused> {
        let mut state = self.hub.state();
        if *self.hub.ended.borrow() {
            return Err(Refused::Gone);
        }
        if state.connections.len() >= CONNECTIONS {
            return Err(Refused::TooMany(format!(
                "this kernel has {CONNECTIONS} connections already"
            )));
        }
        let (sender, messages) = mpsc::channel(UNSENT);
        let number = state.next;
        state.next += 1;
        state.connections.insert(number, sender);
        Ok(Connection {
            entry: self.clone(),
            number,
            messages,
        })
    }

    /// Closes the kernel to everyone if nobody has been here for so long.
    fn close_if_abandoned(&self, keep: Duration) -> bool {
        let state = self.hub.state();
        // Whoever has just started it is about to connect.
        let keep = if state.next == 0 {
            keep.max(FIRST)
        } else {
            keep
        };
        let is_abandoned = state.connections.is_empty() && state.alone_since.elapsed() > keep;
        if is_abandoned {
            self.hub.ended.send_replace(true);
        }
        is_abandoned
    }

    pub(super) async fn interrupt(&self) {
        if let Some(kernel) = &*self.kernel.lock().await {
            kernel.interrupt();
        }
    }

    fn restart(&self, workshop: Workshop) -> Result<(), Refused> {
        let mut kernel = self.kernel.blocking_lock();
        if *self.hub.ended.borrow() {
            return Err(Refused::Gone);
        }
        self.hub.announce(ExecutionState::Restarting);
        let unanswered = kernel.take().map(Kernel::end).unwrap_or_default();
        match Kernel::start(workshop, self.hub.clone()) {
            Ok(new) => {
                self.hub.state().execution_state = "idle".to_owned();
                for (channel, message) in unanswered {
                    // There is room: a kernel's queues are all as long.
                    let _ = new.receive(channel, message);
                }
                *kernel = Some(new);
                Ok(())
            }
            Err(error) => {
                let sentence = format!("the kernel could not be started again: {error}");
                say(format_args!("warning: {sentence}"));
                self.hub.announce(ExecutionState::Dead);
                Err(Refused::Failed(sentence))
            }
        }
    }

    fn end(&self) {
        // Before the kernel, which may be waiting for a connection.
        self.hub.ended.send_replace(true);
        self.hub.state().connections.clear();
        drop(self.kernel.blocking_lock().take());
        self.hub.state().execution_state = "dead".to_owned();
    }
}

impl Connection {
    /// Hands a message to the kernel; its replies come back here.
    pub(super) async fn send(
        &self,
        channel: Channel,
        mut message: Message,
    ) -> Result<(), QueueFull> {
        message.identities = vec![self.number.to_be_bytes().to_vec()];
        match &*self.entry.kernel.lock().await {
            Some(kernel) => kernel.receive(channel, message),
            None => Ok(()),
        }
    }

    /// Waits until the kernel has ended for good.
    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.entry.hub.ended.subscribe()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.entry.hub.disconnect(self.number);
    }
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn disconnect(&self, number: u64) {
        let mut state = self.state();
        state.connections.remove(&number);
        state.alone_since = Instant::now();
    }

    /// Who is to get a message: everyone, or whoever asked.
    fn receivers(&self, channel: Channel, message: &Message) -> Vec<(u64, mpsc::Sender<Sent>)> {
        let mut state = self.state();
        state.last_activity = now();
        if channel == Channel::Iopub {
            if message.msg_type() == "status"
                && let Some(Value::String(new)) = message.content.get("execution_state")
            {
                state.execution_state.clone_from(new);
            }
            let all = state.connections.iter();
            return all.map(|(number, to)| (*number, to.clone())).collect();
        }
        let asker = message.identities.first();
        let number = asker.and_then(|bytes| bytes.as_slice().try_into().ok());
        number
            .map(u64::from_be_bytes)
            .and_then(|number| Some((number, state.connections.get(&number)?.clone())))
            .into_iter()
            .collect()
    }

    /// Tells everyone what has become of the kernel.
    fn announce(&self, execution_state: ExecutionState) {
        let status = Status { execution_state };
        self.send(Channel::Iopub, Message::new(&status, &self.id, None));
    }
}

impl Outbox for Hub {
    fn send(&self, channel: Channel, message: Message) {
        let receivers = self.receivers(channel, &message);
        let sent = Arc::new((channel, message));
        for (number, receiver) in receivers {
            let Err(full) = receiver.try_send(sent.clone()) else {
                continue;
            };
            // A kernel's own thread, which may wait; one that can't be served
            // is cut, and its receiver finds the channel closed.
            let waited = self
                .runtime
                .block_on(receiver.send_timeout(full.into_inner(), PATIENCE));
            if waited.is_err() {
                self.disconnect(number);
            }
        }
    }

    fn shut_down(&self, restart: bool) {
        let Some(kernels) = self.kernels.upgrade() else {
            return;
        };
        let id = self.id.clone();
        // Not here: this is the kernel's own thread, which is to end.
        self.runtime.spawn(on_a_thread(move || {
            if restart {
                // If that fails, the page hears that the kernel is dead.
                let _ = kernels.restart(&id);
            } else {
                kernels.remove(&id);
            }
        }));
    }
}
