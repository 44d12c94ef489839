//! ZMTP 3.1, the protocol that ZeroMQ's sockets speak over a connection: as
//! much of it as a server without encryption needs. Reads from and writes to
//! any stream, and knows no socket.
//!
//! What comes in is bounded, and takes no more memory than has really come: a
//! frame that only announces its length costs nothing.
//! <https://rfc.zeromq.org/spec/37/>

use std::io::{self, Read, Write};

/// The most bytes of one message. A notebook's cell is far smaller; what is
/// larger would have to be kept whole.
const MESSAGE: u64 = 64 << 20;

/// The most frames of one message.
const FRAMES: usize = 1000;

/// The most bytes of one command: handshakes and subscriptions are short.
const COMMAND: u64 = 8 << 10;

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMANDS: u8 = 4;

/// The kinds of socket that a kernel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Answers whoever asked.
    Router,
    /// Tells everyone who has subscribed.
    Xpub,
    /// Answers every message.
    Rep,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Router => "ROUTER",
            Kind::Xpub => "XPUB",
            Kind::Rep => "REP",
        }
    }

    /// Which sockets may connect to it.
    fn peers(self) -> &'static [&'static str] {
        match self {
            Kind::Router => &["DEALER", "REQ", "ROUTER"],
            Kind::Xpub => &["SUB", "XSUB"],
            Kind::Rep => &["REQ", "DEALER"],
        }
    }
}

/// What comes over a connection after the handshake.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Traffic {
    /// A message's frames: one at least.
    Message(Vec<Vec<u8>>),
    /// A subscriber wants messages that begin so.
    Subscribe(Vec<u8>),
    /// It doesn't any more.
    Cancel(Vec<u8>),
    /// The peer wants this answered with a [`pong`].
    Ping(Vec<u8>),
    /// What asks for nothing.
    Other,
}

/// Greets a peer and learns its identity, which may be empty.
///
/// # Errors
/// When the peer is none that can be spoken with (`InvalidData`, with a
/// sentence), or the connection fails.
pub(super) fn shake_hands(stream: &mut (impl Read + Write), kind: Kind) -> io::Result<Vec<u8>> {
    stream.write_all(&greeting())?;
    read_greeting(stream)?;
    let mut ready = properties(&[("Socket-Type", kind.name().as_bytes()), ("Identity", b"")]);
    ready.splice(0..0, *b"\x05READY");
    stream.write_all(&frame(COMMANDS, &ready))?;
    read_ready(stream, kind)
}

/// Version 3.1, no security, and no server in the sense of security.
fn greeting() -> [u8; 64] {
    let mut greeting = [0; 64];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    greeting[10..12].copy_from_slice(&[3, 1]);
    greeting[12..16].copy_from_slice(b"NULL");
    greeting
}

fn read_greeting(stream: &mut impl Read) -> io::Result<()> {
    let mut theirs = [0; 64];
    let (signature, rest) = theirs.split_at_mut(10);
    // Byte by byte at first: whoever speaks something else may say little, and
    // then wait.
    stream.read_exact(&mut signature[..1])?;
    if signature[0] != 0xff {
        return Err(invalid("this is no ZeroMQ socket"));
    }
    stream.read_exact(&mut signature[1..])?;
    if signature[9] != 0x7f {
        return Err(invalid("this is no ZeroMQ socket, or one of ZMTP 1"));
    }
    stream.read_exact(&mut rest[..1])?;
    if rest[0] < 3 {
        return Err(invalid("this is a ZeroMQ socket older than ZMTP 3"));
    }
    stream.read_exact(&mut rest[1..])?;
    if rest[2..22] != greeting()[12..32] {
        return Err(invalid("it wants a security mechanism other than NULL"));
    }
    Ok(())
}

fn read_ready(stream: &mut impl Read, kind: Kind) -> io::Result<Vec<u8>> {
    let (flags, body) = read_frame(stream, MESSAGE)?;
    if flags & COMMANDS == 0 {
        return Err(invalid("its first frame is no command"));
    }
    let (name, properties) = command(&body)?;
    if name != b"READY" {
        return Err(invalid("its first command is not READY"));
    }
    let (mut socket_type, mut identity) = (None, Vec::new());
    for (name, value) in read_properties(properties)? {
        // "Names are case-insensitive."
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            socket_type = Some(value);
        } else if name.eq_ignore_ascii_case(b"Identity") {
            identity = value.to_vec();
        }
    }
    let may_connect = |socket: &[u8]| kind.peers().iter().any(|name| name.as_bytes() == socket);
    if !socket_type.is_some_and(may_connect) {
        return Err(invalid("it is the wrong type of socket"));
    }
    if identity.len() > 255 || identity.first() == Some(&0) {
        return Err(invalid("its identity is too long, or begins with a zero"));
    }
    Ok(identity)
}

/// Waits for what comes next.
///
/// # Errors
/// When it breaks the protocol's rules or bounds (`InvalidData`, with a
/// sentence), or the connection fails or ends.
pub(super) fn read(stream: &mut impl Read, kind: Kind) -> io::Result<Traffic> {
    let mut frames = Vec::new();
    let mut left = MESSAGE;
    loop {
        let (flags, body) = read_frame(stream, left)?;
        if flags & COMMANDS != 0 {
            if !frames.is_empty() {
                return Err(invalid("a command in the middle of a message"));
            }
            return read_command(&body);
        }
        left -= body.len() as u64;
        frames.push(body);
        if flags & MORE == 0 {
            break;
        }
        if frames.len() == FRAMES {
            return Err(invalid("a message of too many frames"));
        }
    }
    match kind {
        Kind::Xpub => Ok(subscription(&frames).unwrap_or(Traffic::Message(frames))),
        Kind::Router | Kind::Rep => Ok(Traffic::Message(frames)),
    }
}

/// As ZMTP 3.0 writes a subscription: a message, in whose first byte it says
/// whether it begins or ends.
fn subscription(frames: &[Vec<u8>]) -> Option<Traffic> {
    let [only] = frames else {
        return None;
    };
    match only.split_first()? {
        (1, topic) => Some(Traffic::Subscribe(topic.to_vec())),
        (0, topic) => Some(Traffic::Cancel(topic.to_vec())),
        _ => None,
    }
}

fn read_command(body: &[u8]) -> io::Result<Traffic> {
    let (name, rest) = command(body)?;
    match name {
        b"SUBSCRIBE" => Ok(Traffic::Subscribe(rest.to_vec())),
        b"CANCEL" => Ok(Traffic::Cancel(rest.to_vec())),
        b"PING" => {
            // How long to wait for the next one, in two bytes, then what to
            // send back: at most 16.
            let context = rest.get(2..).ok_or_else(|| invalid("a PING too short"))?;
            Ok(Traffic::Ping(context[..context.len().min(16)].to_vec()))
        }
        b"ERROR" => Err(invalid("it has sent an ERROR")),
        _ => Ok(Traffic::Other),
    }
}

/// Reads a frame of so many bytes at most: its flags and its body.
fn read_frame(stream: &mut impl Read, at_most: u64) -> io::Result<(u8, Vec<u8>)> {
    let mut flags = [0];
    stream.read_exact(&mut flags)?;
    let [flags] = flags;
    if flags & !(MORE | LONG | COMMANDS) != 0 || flags & COMMANDS != 0 && flags & MORE != 0 {
        return Err(invalid("a frame with unknown flags"));
    }
    let length = if flags & LONG == 0 {
        let mut length = [0];
        stream.read_exact(&mut length)?;
        length[0].into()
    } else {
        let mut length = [0; 8];
        stream.read_exact(&mut length)?;
        u64::from_be_bytes(length)
    };
    let at_most = if flags & COMMANDS == 0 {
        at_most
    } else {
        COMMAND
    };
    if length > at_most {
        return Err(invalid("a message or command that is too long"));
    }
    // Grows with what comes, not with what was announced.
    let mut body = Vec::new();
    if stream.by_ref().take(length).read_to_end(&mut body)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((flags, body))
}

/// A command's name, and what follows it.
fn command(body: &[u8]) -> io::Result<(&[u8], &[u8])> {
    split_first(body)
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| invalid("a command without a name"))
}

/// What one byte gives the length of, and what follows it.
fn split_first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked((*length).into())
}

fn read_properties(mut bytes: &[u8]) -> io::Result<Vec<(&[u8], &[u8])>> {
    let mut properties = Vec::new();
    while !bytes.is_empty() {
        let property = || {
            let (name, rest) = split_first(bytes)?;
            let (length, rest) = rest.split_first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (value, rest) = rest.split_at_checked(length)?;
            Some(((name, value), rest))
        };
        let (property, rest) = property().ok_or_else(|| invalid("a property cut off"))?;
        properties.push(property);
        bytes = rest;
    }
    Ok(properties)
}

fn properties(properties: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in properties {
        bytes.push(name.len() as u8);
        bytes.extend(name.as_bytes());
        bytes.extend((value.len() as u32).to_be_bytes());
        bytes.extend(*value);
    }
    bytes
}

/// A message as it is sent.
pub(super) fn message<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut frames = frames.into_iter().peekable();
    let mut bytes = Vec::new();
    while let Some(body) = frames.next() {
        let flags = if frames.peek().is_some() { MORE } else { 0 };
        bytes.extend(frame(flags, body));
    }
    bytes
}

/// The answer to a ping.
pub(super) fn pong(context: &[u8]) -> Vec<u8> {
    frame(COMMANDS, &[b"\x04PONG", context].concat())
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 9);
    match u8::try_from(body.len()) {
        Ok(length) => bytes.extend([flags, length]),
        Err(_) => {
            bytes.push(flags | LONG);
            bytes.extend((body.len() as u64).to_be_bytes());
        }
    }
    bytes.extend(body);
    bytes
}

/// For `tests/fuzz`: reads a connection to its end, as each kind of socket would. A
/// message is the same when it is written and read again.
#[cfg(fuzzing)]
pub fn read_to_the_end<S: Read + Write>(mut connection: impl FnMut() -> S) {
    for kind in [Kind::Router, Kind::Xpub, Kind::Rep] {
        let mut stream = connection();
        if shake_hands(&mut stream, kind).is_err() {
            // What comes after a handshake is worth reading without one.
            stream = connection();
        }
        while let Ok(traffic) = read(&mut stream, kind) {
            match traffic {
                Traffic::Message(frames) => {
                    let written = message(frames.iter().map(Vec::as_slice));
                    let again = read(&mut &*written, kind);
                    assert_eq!(again.ok(), Some(Traffic::Message(frames)));
                }
                Traffic::Ping(context) => drop(pong(&context)),
                Traffic::Subscribe(_) | Traffic::Cancel(_) | Traffic::Other => {}
            }
        }
    }
}

fn invalid(sentence: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream whose other end has said all that it will.
    struct Said<'a> {
        theirs: &'a [u8],
        ours: Vec<u8>,
    }

    impl Read for Said<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.theirs.read(buffer)
        }
    }

    impl Write for Said<'_> {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.ours.write(buffer)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shake(theirs: &[u8], kind: Kind) -> Result<Vec<u8>, String> {
        let mut said = Said {
            theirs,
            ours: Vec::new(),
        };
        shake_hands(&mut said, kind).map_err(|error| error.to_string())
    }

    fn ready(socket_type: &[u8], identity: &[u8]) -> Vec<u8> {
        let properties = properties(&[("Socket-Type", socket_type), ("IDENTITY", identity)]);
        let ready = [b"\x05READY", &properties[..]].concat();
        [&greeting()[..], &frame(COMMANDS, &ready)].concat()
    }

    fn read_one(bytes: &[u8], kind: Kind) -> Result<Traffic, String> {
        read(&mut &*bytes, kind).map_err(|error| error.to_string())
    }

    #[test]
    fn a_handshake_tells_the_identity() {
        assert_eq!(
            shake(&ready(b"DEALER", b"me"), Kind::Router),
            Ok(b"me".to_vec())
        );
        assert_eq!(shake(&ready(b"SUB", b""), Kind::Xpub), Ok(Vec::new()));
        let newer = [
            &ready(b"REQ", b"")[..10],
            &[4, 2],
            &ready(b"REQ", b"")[12..],
        ]
        .concat();
        assert_eq!(shake(&newer, Kind::Rep), Ok(Vec::new()));
    }

    #[test]
    fn whoever_is_no_peer_is_refused() {
        let good = ready(b"DEALER", b"");
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            shake(&bytes, Kind::Router).unwrap_err()
        };
        assert!(with(0, b'G').contains("no ZeroMQ"));
        assert!(with(9, 1).contains("ZMTP 1"));
        assert!(with(10, 2).contains("older"));
        assert!(with(12, b'P').contains("security"));
        assert!(with(64, 0).contains("no command"));
        assert!(with(67, b'S').contains("not READY"));
        assert!(shake(&good, Kind::Xpub).unwrap_err().contains("wrong type"));
        let zero = ready(b"DEALER", b"\0a");
        assert!(shake(&zero, Kind::Router).unwrap_err().contains("zero"));
    }

    #[test]
    fn messages_are_read_as_they_are_written() {
        let long = vec![7; 70_000];
        for frames in [vec![&b"a"[..]], vec![b"", &long, b"c"], vec![&long[..256]]] {
            let bytes = message(frames.iter().copied());
            let read = read_one(&bytes, Kind::Router);
            let expected = frames.iter().map(|frame| frame.to_vec()).collect();
            assert_eq!(read, Ok(Traffic::Message(expected)));
        }
    }

    #[test]
    fn subscriptions_come_as_messages_or_as_commands() {
        let cases = [
            (
                message([&b"\x01ab"[..]]),
                Traffic::Subscribe(b"ab".to_vec()),
            ),
            (message([&b"\x00ab"[..]]), Traffic::Cancel(b"ab".to_vec())),
            (
                message([&b"\x02ab"[..]]),
                Traffic::Message(vec![b"\x02ab".to_vec()]),
            ),
            (message([&b""[..]]), Traffic::Message(vec![vec![]])),
            (
                frame(COMMANDS, b"\x09SUBSCRIBE"),
                Traffic::Subscribe(vec![]),
            ),
            (
                frame(COMMANDS, b"\x06CANCELab"),
                Traffic::Cancel(b"ab".to_vec()),
            ),
            (
                frame(COMMANDS, b"\x04PING\0\0hi"),
                Traffic::Ping(b"hi".to_vec()),
            ),
            (frame(COMMANDS, b"\x04WHAT"), Traffic::Other),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read_one(&bytes, Kind::Xpub), Ok(expected));
        }
    }

    #[test]
    fn what_is_announced_and_does_not_come_costs_nothing() {
        for length in [MESSAGE, MESSAGE + 1, 1 << 40, u64::MAX] {
            let header = [&[LONG][..], &length.to_be_bytes()].concat();
            assert!(read_one(&header, Kind::Router).is_err());
        }
        let many: Vec<&[u8]> = vec![b""; FRAMES + 1];
        let error = read_one(&message(many), Kind::Router).unwrap_err();
        assert!(error.contains("too many frames"), "{error}");
    }

    #[test]
    fn cutting_or_flipping_any_byte_never_panics() {
        let traffic = [
            ready(b"DEALER", b"me"),
            message([&b"one"[..], b"two"]),
            frame(COMMANDS, b"\x04PING\0\0hi"),
        ];
        let whole = traffic.concat();
        let hear = |bytes: &[u8]| {
            let mut said = Said {
                theirs: bytes,
                ours: Vec::new(),
            };
            if shake_hands(&mut said, Kind::Router).is_ok() {
                while read(&mut said, Kind::Router).is_ok() {}
            }
        };
        for index in 0..whole.len() {
            hear(&whole[..index]);
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[index] ^= 1 << bit;
                hear(&flipped);
            }
        }
    }
}
