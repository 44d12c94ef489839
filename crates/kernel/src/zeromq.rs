//! The kernel's five ZeroMQ sockets, as Jupyter's clients know them.
//!
//! [`Sockets::bind`] takes the places that a [`ConnectionFile`] names, and
//! [`Sockets::serve`] hands what comes there to a [`Kernel`], whose [`Outbox`]
//! the sockets are. A message is signed, and one with a wrong signature is
//! dropped with a warning, like any other that can't be read: answering it
//! would mean to believe it.
//!
//! # Why our own ZeroMQ
//! A kernel needs little of it: to listen, as ROUTER, XPUB and REP, without
//! encryption. That is [`zmtp`] and [`socket`], some hundred lines on
//! std's threads, without an asynchronous runtime.
//!
//! - The `zeromq` crate (0.7; `jupyter-zmq-client` is a layer on top of it)
//!   reserves the memory that a frame announces before anything of it has come:
//!   138 bytes from anyone who can reach a port, and the whole process aborts.
//!   A peer that reads nothing has 100,000 messages queued for it, then loses
//!   the rest silently (PUB), or holds everyone up forever (XPUB). It has 65
//!   crates with it.
//! - The `zmq` crate builds libzmq: it needs a C++ compiler and CMake, where
//!   all else here needs Rust.

mod socket;
mod zmtp;

use crate::connection_file::{ConnectionFile, Place};
use crate::content::IopubWelcome;
use crate::header::new_id;
use crate::kernel::{Kernel, Outbox, QueueFull};
use crate::log::warn;
use crate::message::{Channel, Message};
use crate::signature::Signer;
use socket::{Listener, Role, Socket};
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(fuzzing)]
pub use zmtp::read_to_the_end;

/// What stands between a message's routing and its signature.
const DELIMITER: &[u8] = b"<IDS|MSG>";

/// How often to look whether a kernel whose queue is full takes a request.
const TRY_EVERY: Duration = Duration::from_millis(10);

/// How long the last messages may take to go out.
const GOODBYE: Duration = Duration::from_secs(2);

/// What to do when the kernel is to end.
pub type Ended = Box<dyn Fn() + Send + Sync>;

/// The sockets, taken and not yet served.
pub struct Sockets {
    listeners: [(Channel, Listener); 4],
    heartbeat: Listener,
    files: Vec<PathBuf>,
    signer: Signer,
}

/// The sockets, served. Dropping it ends the kernel and removes the sockets'
/// files, once what the kernel has sent is on its way.
pub struct Served {
    line: Arc<Line>,
    files: Vec<PathBuf>,
}

/// The connection between a kernel and its sockets.
struct Line {
    kernel: RwLock<Option<Kernel>>,
    sockets: OnceLock<[(Channel, Arc<Socket>); 4]>,
    signer: Signer,
    /// The beginning of what messages to everyone are about.
    topic: String,
    /// Called when the kernel is to end.
    ended: Ended,
}

impl Sockets {
    /// Takes the places that the file names.
    ///
    /// # Errors
    /// Says in one sentence which can't be had, and why.
    pub fn bind(file: &ConnectionFile) -> Result<Sockets, String> {
        let bind = |port| bind(&file.place, port);
        let ports = [
            file.shell,
            file.control,
            file.stdin,
            file.iopub,
            file.heartbeat,
        ];
        Ok(Sockets {
            listeners: [
                (Channel::Shell, bind(file.shell)?),
                (Channel::Control, bind(file.control)?),
                (Channel::Stdin, bind(file.stdin)?),
                (Channel::Iopub, bind(file.iopub)?),
            ],
            heartbeat: bind(file.heartbeat)?,
            files: ports
                .iter()
                .filter_map(|port| file.place.socket_file(*port))
                .collect(),
            signer: Signer::new(&file.key),
        })
    }

    /// Lets clients in, to the kernel that `start` starts. `ended` is called
    /// when that has answered a `shutdown_request`: then drop what this
    /// returns, on another thread.
    ///
    /// # Errors
    /// When the kernel can't start, or the operating system has no threads
    /// left.
    pub fn serve(
        self,
        start: impl FnOnce(Arc<dyn Outbox>) -> io::Result<Kernel>,
        ended: Ended,
    ) -> io::Result<Served> {
        let line = Arc::new(Line {
            kernel: RwLock::new(None),
            sockets: OnceLock::new(),
            signer: self.signer,
            topic: format!("kernel.{}", new_id()),
            ended,
        });
        let sockets = self.listeners.each_ref().map(|(channel, _)| {
            let role = line.clone().role(*channel);
            (*channel, Socket::new(channel.name(), role))
        });
        let (channels, listeners): (Vec<_>, Vec<_>) = self.listeners.into_iter().unzip();
        debug_assert!(
            channels
                .iter()
                .eq(sockets.iter().map(|(channel, _)| channel))
        );
        let _ = line.sockets.set(sockets.clone());

        *write(&line.kernel) = Some(start(line.clone())?);
        for ((_, socket), listener) in sockets.iter().zip(listeners) {
            socket.listen(listener)?;
        }
        Socket::new("heartbeat", Role::Echo).listen(self.heartbeat)?;
        Ok(Served {
            line,
            files: self.files,
        })
    }
}

fn bind(place: &Place, port: u16) -> Result<Listener, String> {
    match (place, place.socket_file(port)) {
        (Place::Tcp(ip), _) => TcpListener::bind((*ip, port))
            .map(Listener::Tcp)
            .map_err(|error| format!("cannot listen at {ip}, port {port}: {error}")),
        (Place::Ipc(_), file) => {
            let file = file.unwrap_or_default();
            // What an earlier kernel has left. One that still listens has a
            // connection file of its own.
            let _ = fs::remove_file(&file);
            UnixListener::bind(&file)
                .map(Listener::Ipc)
                .map_err(|error| format!("cannot listen at {}: {error}", file.display()))
        }
    }
}

impl Served {
    /// Stops the cell that runs.
    pub fn interrupt(&self) {
        if let Some(kernel) = &*read(&self.line.kernel) {
            kernel.interrupt();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        for (_, socket) in self.line.sockets() {
            socket.close();
        }
        // Not under the lock, which whoever receives takes.
        let kernel = write(&self.line.kernel).take();
        drop(kernel);
        let deadline = Instant::now() + GOODBYE;
        for (_, socket) in self.line.sockets() {
            socket.flush(deadline);
        }
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
    }
}

impl Line {
    fn role(self: Arc<Line>, channel: Channel) -> Role {
        if channel == Channel::Iopub {
            return Role::Xpub(Box::new(move |topic| self.welcome(topic)));
        }
        Role::Router(Box::new(move |peer, frames| {
            match self.read(peer, &frames) {
                Ok(message) => self.receive(channel, &message),
                Err(sentence) => warn(format_args!(
                    "{}: a message was dropped: {sentence}",
                    channel.name()
                )),
            }
        }))
    }

    /// Hands a request to the kernel. When too many wait there, the client
    /// waits here.
    fn receive(&self, channel: Channel, message: &Message) {
        loop {
            let kernel = read(&self.kernel);
            let received = kernel
                .as_ref()
                .map_or(Ok(()), |kernel| kernel.receive(channel, message.clone()));
            drop(kernel);
            match received {
                Ok(()) => return,
                Err(QueueFull) => thread::sleep(TRY_EVERY),
            }
        }
    }

    /// Reads a message: routing, delimiter, signature, four parts, buffers.
    fn read(&self, peer: &[u8], frames: &[Vec<u8>]) -> Result<Message, String> {
        let delimiter = frames
            .iter()
            .position(|frame| frame == DELIMITER)
            .ok_or("it has no delimiter, <IDS|MSG>")?;
        let (routing, rest) = frames.split_at(delimiter);
        let rest: Vec<&[u8]> = rest[1..].iter().map(Vec::as_slice).collect();
        let [signature, header, parent, metadata, content, buffers @ ..] = rest.as_slice() else {
            return Err(format!(
                "it has {} frames after its delimiter, and needs five",
                rest.len()
            ));
        };
        let parts = [*header, *parent, *metadata, *content];
        if !self.signer.verify(signature, parts) {
            return Err("its signature is wrong".to_owned());
        }
        let mut message = Message::of_parts(parts, buffers)?;
        let routing = routing.iter().cloned();
        message.identities = std::iter::once(peer.to_vec()).chain(routing).collect();
        Ok(message)
    }

    /// Writes a message, with this before the delimiter.
    fn write(&self, routing: &[&[u8]], message: &Message) -> Vec<u8> {
        let parts = message.parts();
        let parts = parts.iter().map(String::as_bytes);
        let signature = self.signer.sign(parts.clone());
        let frames = routing
            .iter()
            .copied()
            .chain([DELIMITER, signature.as_bytes()])
            .chain(parts)
            .chain(message.buffers.iter().map(Vec::as_slice));
        zmtp::message(frames)
    }

    /// What a new subscriber gets first: by it a client knows that it misses
    /// nothing from then on.
    fn welcome(&self, topic: &[u8]) -> Vec<u8> {
        let content = IopubWelcome {
            subscription: String::from_utf8_lossy(topic).into_owned(),
        };
        self.write(&[topic], &Message::new(&content, &self.topic, None))
    }

    fn sockets(&self) -> impl Iterator<Item = &(Channel, Arc<Socket>)> {
        self.sockets.get().into_iter().flatten()
    }

    fn socket(&self, channel: Channel) -> Option<&Socket> {
        let mut sockets = self.sockets();
        sockets
            .find(|(other, _)| *other == channel)
            .map(|(_, socket)| &**socket)
    }
}

impl Outbox for Line {
    fn send(&self, channel: Channel, message: Message) {
        let Some(socket) = self.socket(channel) else {
            return;
        };
        if channel == Channel::Iopub {
            let topic = format!("{}.{}", self.topic, message.msg_type());
            socket.publish(topic.as_bytes(), self.write(&[topic.as_bytes()], &message));
            return;
        }
        let identities: Vec<&[u8]> = message.identities.iter().map(Vec::as_slice).collect();
        if let [peer, routing @ ..] = identities.as_slice() {
            socket.send(peer, self.write(routing, &message));
        }
    }

    /// Whoever started the kernel starts it again, if it is to.
    fn shut_down(&self, _restart: bool) {
        (self.ended)();
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
