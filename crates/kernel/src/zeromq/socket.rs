//! A listening ZeroMQ socket and its peers: a thread that accepts, and for each
//! peer one that reads and one that writes.
//!
//! A peer has a queue of what it has not read yet. When that is full, whoever
//! sends waits, which slows down a program that floods its output; a peer that
//! reads nothing for a while is cut off rather than waited for. ZeroMQ's own
//! PUB sockets lose messages instead.

use super::zmtp::{self, Kind, Traffic};
use crate::log::warn;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many peers a socket may have, greeted or not.
const PEERS: u32 = 128;

/// How long a peer may take to greet.
const GREETING: Duration = Duration::from_secs(10);

/// How many bytes may wait for a peer.
const UNREAD: usize = 16 << 20;

/// How long a full queue may stay as it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// A reader's stack: JSON nests, but not deeply.
const STACK: usize = 1 << 20;

/// What to do with a message: it comes with its peer's identity.
pub(super) type Receive = Box<dyn Fn(&[u8], Vec<Vec<u8>>) + Send + Sync>;

/// What to send to whoever has just subscribed to a topic.
pub(super) type Welcome = Box<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// What a socket is for.
pub(super) enum Role {
    /// Takes requests and answers whoever asked.
    Router(Receive),
    /// Tells everyone.
    Xpub(Welcome),
    /// Sends everything back.
    Echo,
}

impl Role {
    fn kind(&self) -> Kind {
        match self {
            Role::Router(_) => Kind::Router,
            Role::Xpub(_) => Kind::Xpub,
            Role::Echo => Kind::Rep,
        }
    }
}

/// Where a socket waits for its peers.
pub(super) enum Listener {
    Tcp(TcpListener),
    Ipc(UnixListener),
}

/// A connection to a peer.
enum Stream {
    Tcp(TcpStream),
    Ipc(UnixStream),
}

/// A socket. It listens until the process ends.
pub(super) struct Socket {
    /// What it is called in warnings.
    name: &'static str,
    role: Role,
    peers: Mutex<HashMap<Vec<u8>, Arc<Peer>>>,
    /// Peers that have connected and not gone.
    connected: AtomicU32,
    /// The next peer's number.
    next: AtomicU32,
    /// Nothing waits any more for a slow peer.
    closing: AtomicBool,
}

/// One of the places for peers, until it is dropped.
struct Seat(Arc<Socket>);

struct Peer {
    number: u32,
    identity: Vec<u8>,
    stream: Stream,
    queue: Mutex<Queue>,
    changed: Condvar,
    /// Topics, each as often as it was subscribed to.
    subscriptions: Mutex<Vec<Vec<u8>>>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Arc<[u8]>>,
    bytes: usize,
    /// One is on its way.
    writing: bool,
    /// How many have been written.
    written: u64,
    closed: bool,
}

impl Socket {
    pub(super) fn new(name: &'static str, role: Role) -> Arc<Socket> {
        Arc::new(Socket {
            name,
            role,
            peers: Mutex::default(),
            connected: AtomicU32::new(0),
            next: AtomicU32::new(1),
            closing: AtomicBool::new(false),
        })
    }

    /// Lets peers in from now on.
    ///
    /// # Errors
    /// When the operating system has no threads left.
    pub(super) fn listen(self: &Arc<Socket>, listener: Listener) -> io::Result<()> {
        let socket = self.clone();
        let thread = thread::Builder::new().name(format!("{}-accept", self.name));
        thread.spawn(move || socket.accept_forever(&listener))?;
        Ok(())
    }

    fn accept_forever(self: &Arc<Socket>, listener: &Listener) {
        loop {
            let admitted = listener.accept().and_then(|stream| self.admit(stream));
            if let Err(error) = admitted {
                warn(format_args!(
                    "{}: cannot take a connection: {error}",
                    self.name
                ));
                // Out of files or threads: that does not pass at once.
                thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn admit(self: &Arc<Socket>, stream: Stream) -> io::Result<()> {
        let seat = Seat::taken(self.clone());
        if self.connected.load(Ordering::Relaxed) > PEERS {
            let sentence = format!("there are {PEERS} already, as many as may");
            return Err(io::Error::other(sentence));
        }
        let thread = thread::Builder::new()
            .name(format!("{}-read", self.name))
            .stack_size(STACK);
        thread.spawn(move || {
            if let Err(error) = seat.0.serve(stream) {
                seat.0.say_why(&error);
            }
        })?;
        Ok(())
    }

    /// A peer that breaks the rules is worth a line, one that goes is not.
    fn say_why(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::InvalidData {
            warn(format_args!(
                "{}: a connection was closed: {error}",
                self.name
            ));
        }
    }

    fn serve(self: &Arc<Socket>, mut stream: Stream) -> io::Result<()> {
        stream.set_timeouts(Some(GREETING))?;
        let identity =
            zmtp::shake_hands(&mut stream, self.role.kind()).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => io::Error::new(
                        io::ErrorKind::InvalidData,
                        "it did not greet as ZeroMQ sockets do",
                    ),
                    _ => error,
                }
            })?;
        stream.set_timeouts(None)?;
        let peer = self.welcome(identity, stream.try_clone()?)?;
        let ended = self.read_forever(&mut io::BufReader::new(stream), &peer);
        self.forget(&peer);
        ended
    }

    fn welcome(self: &Arc<Socket>, identity: Vec<u8>, stream: Stream) -> io::Result<Arc<Peer>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let identity = if identity.is_empty() {
            // No peer may choose one that begins with a zero.
            [&[0], &number.to_be_bytes()[..]].concat()
        } else {
            identity
        };
        let peer = Arc::new(Peer {
            number,
            identity: identity.clone(),
            stream,
            queue: Mutex::default(),
            changed: Condvar::new(),
            subscriptions: Mutex::default(),
        });
        let writer = peer.clone();
        let thread = thread::Builder::new().name(format!("{}-write", self.name));
        thread.spawn(move || writer.write_forever())?;
        // A client that connects again is the same one: its old connection may
        // not have been noticed to be gone.
        if let Some(old) = lock(&self.peers).insert(identity, peer.clone()) {
            old.close();
        }
        Ok(peer)
    }

    fn forget(&self, peer: &Peer) {
        peer.close();
        let mut peers = lock(&self.peers);
        if peers
            .get(&peer.identity)
            .is_some_and(|it| it.number == peer.number)
        {
            peers.remove(&peer.identity);
        }
    }

    fn read_forever(&self, stream: &mut impl Read, peer: &Peer) -> io::Result<()> {
        loop {
            match zmtp::read(stream, self.role.kind())? {
                Traffic::Message(frames) => match &self.role {
                    Role::Router(receive) => receive(&peer.identity, frames),
                    Role::Echo => {
                        let frames = frames.iter().map(Vec::as_slice);
                        self.pass(peer, zmtp::message(frames).into());
                    }
                    Role::Xpub(_) => warn(format_args!(
                        "{}: a message was dropped: it is no subscription",
                        self.name
                    )),
                },
                Traffic::Subscribe(topic) => self.subscribe(peer, topic),
                Traffic::Cancel(topic) => {
                    let mut subscriptions = lock(&peer.subscriptions);
                    if let Some(at) = subscriptions.iter().position(|it| *it == topic) {
                        subscriptions.swap_remove(at);
                    }
                }
                Traffic::Ping(context) => self.pass(peer, zmtp::pong(&context).into()),
                Traffic::Other => {}
            }
        }
    }

    fn subscribe(&self, peer: &Peer, topic: Vec<u8>) {
        let Role::Xpub(welcome) = &self.role else {
            return;
        };
        // The welcome comes before all else, and nothing is lost after it.
        let mut subscriptions = lock(&peer.subscriptions);
        self.pass(peer, welcome(&topic).into());
        if subscriptions.len() < 1000 {
            subscriptions.push(topic);
        }
    }

    /// Sends a message to one peer, or to nobody if that one is gone.
    pub(super) fn send(&self, identity: &[u8], message: Vec<u8>) {
        let peer = lock(&self.peers).get(identity).cloned();
        if let Some(peer) = peer {
            self.pass(&peer, message.into());
        }
    }

    /// Sends a message to every peer that has subscribed to its topic.
    pub(super) fn publish(&self, topic: &[u8], message: Vec<u8>) {
        let peers: Vec<_> = lock(&self.peers).values().cloned().collect();
        let message: Arc<[u8]> = message.into();
        for peer in peers {
            if peer.is_subscribed(topic) {
                self.pass(&peer, message.clone());
            }
        }
    }

    fn pass(&self, peer: &Peer, message: Arc<[u8]>) {
        if !peer.enqueue(message, &self.closing) {
            let seconds = PATIENCE.as_secs();
            warn(format_args!(
                "{}: a connection was closed, on which nothing was read for {seconds} seconds",
                self.name
            ));
            self.forget(peer);
        }
    }

    /// No longer waits for peers that are slow.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        for peer in lock(&self.peers).values() {
            // Locked, so that nobody is between looking and waiting.
            let _queue = lock(&peer.queue);
            peer.changed.notify_all();
        }
    }

    /// Waits until everything is written, but not beyond the deadline.
    pub(super) fn flush(&self, deadline: Instant) {
        let peers: Vec<_> = lock(&self.peers).values().cloned().collect();
        for peer in peers {
            peer.flush(deadline);
        }
    }
}

impl Seat {
    fn taken(socket: Arc<Socket>) -> Seat {
        socket.connected.fetch_add(1, Ordering::Relaxed);
        Seat(socket)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Peer {
    fn is_subscribed(&self, topic: &[u8]) -> bool {
        let subscriptions = lock(&self.subscriptions);
        subscriptions.iter().any(|prefix| topic.starts_with(prefix))
    }

    /// Puts a message behind the others, once there is room. False if there was
    /// none for too long.
    fn enqueue(&self, message: Arc<[u8]>, closing: &AtomicBool) -> bool {
        let mut queue = lock(&self.queue);
        let mut written = queue.written;
        let mut deadline = Instant::now() + PATIENCE;
        loop {
            let fits = queue.bytes + message.len() <= UNREAD || queue.messages.is_empty();
            if queue.closed || fits || closing.load(Ordering::Relaxed) {
                break;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
            if queue.written != written {
                written = queue.written;
                deadline = Instant::now() + PATIENCE;
            }
        }
        if !queue.closed {
            queue.bytes += message.len();
            queue.messages.push_back(message);
            self.changed.notify_all();
        }
        true
    }

    fn write_forever(&self) {
        while let Some(message) = self.next() {
            if (&self.stream).write_all(&message).is_err() {
                break;
            }
        }
        self.close();
    }

    /// Waits for the next message; `None` once the connection is closed.
    fn next(&self) -> Option<Arc<[u8]>> {
        let mut queue = lock(&self.queue);
        if queue.writing {
            queue.writing = false;
            queue.written += 1;
            self.changed.notify_all();
        }
        loop {
            if queue.closed {
                return None;
            }
            if let Some(message) = queue.messages.pop_front() {
                queue.bytes -= message.len();
                queue.writing = true;
                return Some(message);
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn flush(&self, deadline: Instant) {
        let mut queue = lock(&self.queue);
        while !queue.closed && (queue.writing || !queue.messages.is_empty()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends both of its threads.
    fn close(&self) {
        let mut queue = lock(&self.queue);
        queue.closed = true;
        queue.messages.clear();
        queue.bytes = 0;
        drop(queue);
        self.changed.notify_all();
        self.stream.shut_down();
    }
}

impl Listener {
    fn accept(&self) -> io::Result<Stream> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept()?;
                // Small messages go out at once, rather than when the one
                // before was acknowledged.
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Listener::Ipc(listener) => Ok(Stream::Ipc(listener.accept()?.0)),
        }
    }
}

impl Stream {
    fn set_timeouts(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => {
                stream.set_read_timeout(timeout)?;
                stream.set_write_timeout(timeout)
            }
            Stream::Ipc(stream) => {
                stream.set_read_timeout(timeout)?;
                stream.set_write_timeout(timeout)
            }
        }
    }

    fn try_clone(&self) -> io::Result<Stream> {
        Ok(match self {
            Stream::Tcp(stream) => Stream::Tcp(stream.try_clone()?),
            Stream::Ipc(stream) => Stream::Ipc(stream.try_clone()?),
        })
    }

    fn shut_down(&self) {
        // An error says that it is shut down already.
        let _ = match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Stream::Ipc(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Ipc(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        (&*self).write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for &Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => (&mut &*stream).write(buffer),
            Stream::Ipc(stream) => (&mut &*stream).write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
