//! Standard output and standard error, as std writes to them.

use super::operations::{announce, perform, refuse};
use super::refinements::{Refinement, refine, refined};
use super::sweeping::apart;
use super::threads::{Thread, with_thread};
use super::{FORMATTING, Machine, RUNNING, with_machine};
use crate::memory;
use crate::model::{Case, Object, Operation, Ready, Side};
use crate::places::nowhere;
use std::fmt::Write as _;
use std::io::{LineWriter, Write as _, sink};
use std::iter::Peekable;
use std::panic::Location;
use std::{fmt, ptr};

/// Bytes that stdout holds back at most while a line is unfinished, as std's
/// `LineWriter` does.
const STDOUT_BUFFER: usize = 1024;

/// What the first panic of a process writes behind its message.
const NOTE: &str =
    "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";

/// One of a program's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    pub(super) fn name(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        }
    }

    /// What operations name its lock by.
    pub(super) fn object(self) -> Object {
        static LOCKS: [u8; 2] = [0; 2];
        Object {
            kind: self.name(),
            address: ptr::from_ref(&LOCKS[self as usize]).cast(),
            size: 0,
            created: None,
        }
    }
}

impl Stream {
    /// What is written one after the other of a piece of text: stderr has no
    /// buffer.
    fn writes(self, piece: &str) -> impl Iterator<Item = &str> {
        let (lines, whole) = match self {
            Stream::Stdout => (piece, ""),
            Stream::Stderr => ("", piece),
        };
        parts(lines).chain((!whole.is_empty()).then_some(whole))
    }
}

/// A lock on stdout or stderr that somebody holds.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub(super) thread: u16,
    /// How often it was taken: it is re-entrant.
    pub(super) times: u32,
    /// Where it was first taken.
    pub(super) at: &'static Location<'static>,
}

/// Whether a thread is about to write to stdout.
pub(super) fn is_printing(thread: &Thread) -> bool {
    let mut cases = thread.operation().cases.iter();
    cases.any(|case| matches!(case.ready, Ready::Print(Stream::Stdout)))
}

/// The text of a `print!`, and where its parts end: what was put together,
/// and the line breaks at which it is taken apart again.
struct Pieces {
    stream: Stream,
    text: String,
    ends: Vec<usize>,
}

impl Pieces {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied();
        starts.zip(ends).map(|(start, end)| &self.text[start..end])
    }
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for part in self.stream.writes(piece) {
            self.text.push_str(part);
            self.ends.push(self.text.len());
        }
        Ok(())
    }
}

/// Whole lines, and the beginning of another: std writes them one after the
/// other.
fn parts(piece: &str) -> impl Iterator<Item = &str> {
    let (lines, rest) = piece.split_at(piece.rfind('\n').map_or(0, |newline| newline + 1));
    [lines, rest].into_iter().filter(|part| !part.is_empty())
}

pub(crate) fn print(stream: Stream, arguments: fmt::Arguments<'_>, at: &'static Location<'static>) {
    if refined(Refinement::Formatting) {
        return print_while_formatting(stream, arguments, at);
    }
    let pieces = format_ahead(stream, arguments, at);
    check_addresses(&pieces.text, at);
    match stream {
        Stream::Stdout => print_out(&pieces, at),
        Stream::Stderr => print_err(&pieces, at),
    }
}

/// Every piece is written as it comes, under the lock. Where nobody looks at
/// stderr, it is as good as one.
fn print_err(pieces: &Pieces, at: &'static Location<'static>) {
    let ready = Ready::Print(Stream::Stderr);
    if pieces.ends.len() < 2 || !with_machine(|machine| machine.setup.stderr) {
        return print_error(&pieces.text, ready, at);
    }
    let mut wrote = false;
    for piece in pieces.iter() {
        if wrote {
            print_error(piece, Ready::Always, at);
        } else {
            print_error(piece, ready, at);
            with_machine(|machine| machine.hold(Stream::Stderr, at));
        }
        wrote = true;
    }
    with_machine(|machine| machine.release(Stream::Stderr));
}

/// Puts the text together before the lock on the stream is taken, which is
/// the same as long as nobody can tell.
fn format_ahead(
    stream: Stream,
    arguments: fmt::Arguments<'_>,
    at: &'static Location<'static>,
) -> Pieces {
    let formatting = Formatting::begin(at);
    let mut pieces = Pieces {
        stream,
        text: String::new(),
        ends: Vec::new(),
    };
    if pieces.write_fmt(arguments).is_ok() {
        formatting.end();
    }
    pieces
}

/// The running thread is putting together what it will print. Panics and
/// errors leave it without [`end`](Formatting::end).
pub(super) struct Formatting;

impl Formatting {
    pub(super) fn begin(at: &'static Location<'static>) -> Formatting {
        if FORMATTING.replace(Some(at)).is_some() {
            refine(Refinement::Formatting);
        }
        Formatting
    }

    pub(super) fn end(self) {
        FORMATTING.set(None);
        std::mem::forget(self);
    }
}

impl Drop for Formatting {
    fn drop(&mut self) {
        refine(Refinement::Formatting);
    }
}

/// What the running thread is printing, while it puts that together.
pub(crate) fn showing() -> &'static Location<'static> {
    let at = FORMATTING
        .get()
        .or_else(|| with_thread(|thread| thread.printing));
    at.unwrap_or_else(nowhere)
}

/// As the original: every piece is written when it is there, under the lock.
fn print_while_formatting(
    stream: Stream,
    arguments: fmt::Arguments<'_>,
    at: &'static Location<'static>,
) {
    struct Writer {
        stream: Stream,
        at: &'static Location<'static>,
        text: String,
        wrote: bool,
        /// What the thread is printing around this.
        around: Option<&'static Location<'static>>,
    }
    impl fmt::Write for Writer {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.text.push_str(piece);
            check_addresses(&self.text, self.at);
            match self.stream {
                Stream::Stdout => write_out(parts(piece), &mut self.wrote, self.at),
                Stream::Stderr if self.wrote && with_machine(|machine| machine.setup.stderr) => {
                    print_error(piece, Ready::Always, self.at);
                }
                Stream::Stderr => {
                    self.wrote = true;
                    with_machine(|machine| machine.write_error(piece));
                }
            }
            Ok(())
        }
    }
    impl Drop for Writer {
        fn drop(&mut self) {
            with_thread(|thread| thread.printing = self.around);
            unlock(self.stream);
        }
    }
    let cases = [printing(stream, Ready::Print(stream))];
    perform(&Operation::new(&cases, at));
    with_machine(|machine| machine.hold(stream, at));
    let mut writer = Writer {
        stream,
        at,
        text: String::new(),
        wrote: false,
        around: with_thread(|thread| thread.printing.replace(at)),
    };
    // As the original, it panics with the lock still held.
    if writer.write_fmt(arguments).is_err() {
        panic!(
            "a formatting trait implementation returned an error when the underlying stream did not"
        );
    }
}

pub(super) fn printing(stream: Stream, ready: Ready<'_>) -> Case<'_> {
    Case {
        action: match stream {
            Stream::Stdout => "print",
            Stream::Stderr => "print to stderr",
        },
        object: None,
        ready,
    }
}

fn print_out(pieces: &Pieces, at: &'static Location<'static>) {
    announce_text(&pieces.text, at);
    with_machine(|machine| machine.hold(Stream::Stdout, at));
    write_out(pieces.iter(), &mut false, at);
    with_machine(|machine| machine.release(Stream::Stdout));
}

fn announce_text(text: &str, at: &'static Location<'static>) {
    let cases = [printing(Stream::Stdout, Ready::Print(Stream::Stdout))];
    let mut operation = Operation::new(&cases, at);
    operation.text = Some(text);
    perform(&operation);
}

/// Writes parts of a text to stdout. Between two that the system is given the
/// process may end. `wrote` is whether the system was given one before.
fn write_out<'t>(
    parts: impl Iterator<Item = &'t str>,
    wrote: &mut bool,
    at: &'static Location<'static>,
) {
    let mut parts = parts.peekable();
    while with_machine(|machine| machine.write_parts(&mut parts, wrote)) {
        tear(at);
        *wrote = false;
    }
}

/// Lets something else happen in the middle of a write.
fn tear(at: &'static Location<'static>) {
    let cases = [printing(Stream::Stdout, Ready::Always)];
    perform(&Operation::new(&cases, at));
}

pub(crate) fn write(stream: Stream, text: &str, at: &'static Location<'static>) -> usize {
    check_addresses(text, at);
    if stream == Stream::Stderr {
        print_error(text, Ready::Print(stream), at);
        return text.len();
    }
    announce_text(text, at);
    with_machine(|machine| machine.hold(stream, at));
    let written = write_some(text, at);
    with_machine(|machine| machine.release(stream));
    written
}

/// As std's `LineWriter::write`: of what comes after the last line break it
/// only takes what there is room for, or nothing. How much depends on the version
/// of std, so the original is asked.
fn write_some(text: &str, at: &'static Location<'static>) -> usize {
    let mut both = parts(text);
    let (Some(lines), Some(rest)) = (both.next(), both.next()) else {
        flush_before_lines(text, at);
        write_out(parts(text), &mut false, at);
        return text.len();
    };
    flush_before_lines(lines, at);
    with_machine(|machine| {
        machine.write_part(lines);
        if machine.world.unbuffered {
            return lines.len();
        }
        let mut original = LineWriter::with_capacity(STDOUT_BUFFER, sink());
        let written = original.write(text.as_bytes()).unwrap_or(lines.len());
        let mut room = written - lines.len();
        while !rest.is_char_boundary(room) {
            room -= 1;
        }
        machine.write_part(&rest[..room]);
        lines.len() + room
    })
}

fn flush_before_lines(lines: &str, at: &'static Location<'static>) {
    let flushed = with_machine(|machine| {
        let flushes = lines.ends_with('\n') && !machine.world.pending.is_empty();
        if flushes {
            machine.flush_out();
        }
        flushes
    });
    if flushed {
        tear(at);
    }
}

pub(super) fn print_error(text: &str, ready: Ready<'_>, at: &'static Location<'static>) {
    if FORMATTING.get().is_some() {
        refine(Refinement::Formatting);
    }
    let counts = with_machine(|machine| machine.setup.stderr);
    let cases = [printing(Stream::Stderr, ready)];
    let operation = Operation::new(&cases, at);
    let is_noticed = counts || refined(Refinement::Stderr) || refined(Refinement::Formatting);
    announce(&if is_noticed {
        operation
    } else {
        operation.eagerly()
    });
    with_machine(|machine| machine.write_error(text));
}

fn check_addresses(text: &str, at: &'static Location<'static>) {
    if shows_an_address(text) {
        refuse("it prints an address, which is another in every run", at);
    }
}

/// Whether there is an address of the program in the text: as `{:p}` writes it, or
/// as a number. It has nine digits at least, since little lies below 4 GiB.
fn shows_an_address(text: &str) -> bool {
    if text.len() < 9 {
        return false;
    }
    let is_address = |digits: &str, radix| {
        usize::from_str_radix(digits, radix)
            .is_ok_and(|number| memory::contains(number) || memory::is_executable(number))
    };
    // Digits alone are a decimal number, unless `0x` says otherwise.
    let is_decimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let decimal = text.split(|letter: char| !letter.is_ascii_digit());
    let hexadecimal = text.split(|letter: char| !letter.is_ascii_hexdigit());
    let prefixed = text.split("0x").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_hexdigit());
        &rest[..end.unwrap_or(rest.len())]
    });
    let long = |digits: &&str| digits.len() >= 9;
    decimal.filter(long).any(|digits| is_address(digits, 10))
        || hexadecimal
            .filter(|digits| long(digits) && !is_decimal(digits))
            .chain(prefixed.filter(long))
            .any(|digits| is_address(digits, 16))
}

/// Prints a panic's message, if the thread has one to print.
pub(super) fn print_message(at: &'static Location<'static>) {
    if !with_thread(|thread| thread.message.is_some()) {
        return;
    }
    let message = with_thread(|thread| thread.message.take()).unwrap_or_default();
    // What is kept across an operation must be in the program's memory.
    let text = message.as_str().to_owned();
    drop(message);
    if !with_machine(|machine| machine.setup.stderr) {
        return print_error(&text, Ready::Always, at);
    }
    print_error(&text, Ready::Panic, at);
    let is_first = with_machine(|machine| !std::mem::replace(&mut machine.world.noted, true));
    if is_first {
        with_machine(|machine| machine.world.noting = Some(RUNNING.get()));
        print_error(NOTE, Ready::Always, at);
        with_machine(|machine| machine.world.noting = None);
    }
}

pub(crate) fn gives_up(refinement: Refinement) -> bool {
    let (is_noticed, is_seen) = with_machine(|machine| {
        let is_noticed = machine.is_refined(refinement);
        (is_noticed, machine.setup.stderr)
    });
    if is_seen {
        apart(|| print_message(nowhere()));
    }
    is_noticed
}

pub(crate) fn flush(stream: Stream, at: &'static Location<'static>) {
    if stream == Stream::Stderr {
        return print_error("", Ready::Print(stream), at);
    }
    let cases = [Case {
        action: "flush",
        object: None,
        ready: Ready::Print(stream),
    }];
    perform(&Operation::new(&cases, at));
    with_machine(|machine| {
        machine.hold(stream, at);
        machine.flush_out();
        machine.release(stream);
    });
}

pub(crate) fn lock(stream: Stream, at: &'static Location<'static>) {
    if stream == Stream::Stderr {
        refine(Refinement::Stderr);
    }
    let cases = [Case {
        action: "lock",
        object: Some(stream.object()),
        ready: Ready::Lock(stream),
    }];
    perform(&Operation::new(&cases, at));
    with_machine(|machine| machine.hold(stream, at));
}

/// Lets go of the lock. Who ends the process looks whether it is free, which
/// makes a difference only for what stdout holds back.
pub(crate) fn unlock(stream: Stream) {
    if with_machine(|machine| machine.setup.stderr) {
        apart(|| print_message(nowhere()));
    }
    let is_noticed = with_machine(|machine| {
        let held = machine.world.held[stream as usize];
        let matters = stream == Stream::Stdout && !machine.world.pending.is_empty();
        held.is_some_and(|held| held.times == 1) && (matters || !machine.setup.reduce)
    });
    if is_noticed {
        crate::model::act("unlock", Some(stream.object()), nowhere());
    }
    with_machine(|machine| machine.release(stream));
}

impl Machine {
    /// Whether its lock hands on what threads have seen.
    fn orders(&self, stream: Stream) -> bool {
        stream == Stream::Stdout || self.is_refined(Refinement::Stderr)
    }

    fn hold(&mut self, stream: Stream, at: &'static Location<'static>) {
        let lock = (stream.object().address as usize, Side::Only as u8);
        let is_first = self.world.held[stream as usize].is_none();
        if let (true, true, Some(weak)) = (self.orders(stream), is_first, self.weak()) {
            weak.acquire(RUNNING.get(), lock);
        }
        let held = &mut self.world.held[stream as usize];
        held.get_or_insert(Held {
            thread: RUNNING.get(),
            times: 0,
            at,
        })
        .times += 1;
    }

    fn release(&mut self, stream: Stream) {
        let held = &mut self.world.held[stream as usize];
        *held = held.and_then(|held| {
            let times = held.times - 1;
            (times > 0).then_some(Held { times, ..held })
        });
        let lock = (stream.object().address as usize, Side::Only as u8);
        let is_free = self.world.held[stream as usize].is_none();
        if let (true, true, Some(weak)) = (self.orders(stream), is_free, self.weak()) {
            weak.release(RUNNING.get(), lock);
        }
    }

    /// Writes parts of a text, up to the second that is given to the system.
    /// Whether there is such.
    fn write_parts<'t>(
        &mut self,
        parts: &mut Peekable<impl Iterator<Item = &'t str>>,
        wrote: &mut bool,
    ) -> bool {
        while let Some(part) = parts.peek() {
            let goes_out = self.goes_out(part);
            if goes_out && *wrote {
                return true;
            }
            *wrote |= goes_out;
            self.write_part(part);
            parts.next();
        }
        false
    }

    /// Whether something is given to the system when this part is written.
    fn goes_out(&self, part: &str) -> bool {
        self.world.unbuffered
            || part.ends_with('\n')
            || self.world.pending.len() + part.len() > STDOUT_BUFFER
            || part.len() >= STDOUT_BUFFER
    }

    /// As std's `LineWriter` does: whole lines go out, the rest waits.
    fn write_part(&mut self, part: &str) {
        if self.goes_out(part) {
            self.flush_out();
        }
        if self.world.unbuffered || part.ends_with('\n') || part.len() >= STDOUT_BUFFER {
            self.text.push_str(part);
        } else {
            self.world.pending.push_str(part);
        }
    }

    pub(super) fn flush_out(&mut self) {
        self.text.push_str(&self.world.pending);
        self.world.pending.clear();
    }

    pub(super) fn write_error(&mut self, text: &str) {
        if self.setup.stderr {
            self.text.push_str(text);
        } else if let Some(recorder) = &mut self.recorder {
            recorder.printed_error(text);
        }
    }
}

impl Machine {
    /// The lock on stdout or stderr, if another thread holds it.
    pub(super) fn held_by_other(&self, stream: Stream, slot: u16) -> Option<Held> {
        self.world.held[stream as usize].filter(|held| held.thread != slot)
    }
}
