//! The process that runs a session's cells.
//!
//! evcxr compiles each cell to a dynamic library and tells a process of its
//! own to load it. This is that process, in the place of evcxr's, for three
//! reasons:
//!
//! - evcxr is told over the standard streams, which the cells use too. Here
//!   the cells get streams of their own, so that nothing they print can be
//!   taken for the end of a cell.
//! - A cell begins only if the host lets it, so that an interrupt is never
//!   too late.
//! - Before a cell, the process forks, and the copy waits. If the cell ends
//!   the process, the copy takes its place: then no variable is lost. A copy
//!   has only the thread that made it, so there is none while threads of
//!   earlier cells run. (Linux only: elsewhere nobody knows how many run.)

#![allow(unsafe_code)]

use super::attribution::{self, Streams};
use libloading::Library;
use std::env;
use std::ffi::c_void;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::mem;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process;
use std::ptr;
use std::sync::Arc;

/// The variable that holds the path of the host's socket.
pub(super) const SOCKET: &str = "INTERLEAVED_SESSION";

/// What a connection is for.
pub(super) const CONTROL: u8 = b'c';
pub(super) const STDIN: u8 = b'i';
pub(super) const STDOUT: u8 = b'o';
pub(super) const STDERR: u8 = b'e';

/// What a connection begins with.
pub(super) struct Opening {
    pub(super) kind: u8,
    /// The cell whose output it is; 0 before the first, and where there is none.
    pub(super) number: u64,
}

/// What is told over the control connection, with this process's number.
pub(super) const BEGINS: &str = "begins";
pub(super) const ENDS: &str = "ends";
pub(super) const TAKES_OVER: &str = "takes-over";

/// The host's answer that lets a cell begin, with the cell's number.
pub(super) const GO: &str = "go";

/// What evcxr reads where it stands for "the cell never ran": a line that is
/// no text, upon which it keeps everything as it was.
const NEVER_RAN: &[u8] = b"\xff\n";

const COMPLETE: &[u8] = b"EVCXR_EXECUTION_COMPLETE\n";

/// The function of the session's own module that writes out what a cell has
/// printed without a line break. See `prelude.rs`.
const FLUSH: &[u8] = b"interleaved_flush";

type Cell = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

/// Runs cells until evcxr has no more.
pub(super) fn run() -> ! {
    match Runtime::start().and_then(Runtime::serve) {
        Ok(()) => process::exit(0),
        Err(error) => {
            eprintln!("The session's process failed: {error}.");
            process::exit(99);
        }
    }
}

struct Runtime {
    /// From evcxr.
    commands: BufReader<File>,
    /// To evcxr.
    answers: File,
    /// From and to the host.
    control: BufReader<UnixStream>,
    /// The other ends of the cells' streams are the host's.
    stdin: UnixStream,
    streams: Arc<Streams>,
    /// evcxr's variables: only the cells know what they are.
    variables: *mut c_void,
}

impl Runtime {
    fn start() -> io::Result<Runtime> {
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        // SAFETY: no other thread runs yet.
        unsafe { env::set_var("RUST_BACKTRACE", "0") };
        let commands = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let answers = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let control = connect(CONTROL, 0)?;
        let mut runtime = Runtime {
            commands: BufReader::new(commands),
            answers,
            control: BufReader::new(control),
            stdin: connect(STDIN, 0)?,
            streams: streams_of(0)?,
            variables: ptr::null_mut(),
        };
        runtime.attach()?;
        runtime.ask(TAKES_OVER)?;
        Ok(runtime)
    }

    /// Makes the standard streams the cells' own, which a cell may have closed.
    fn attach(&self) -> io::Result<()> {
        rustix::stdio::dup2_stdin(&self.stdin)?;
        rustix::stdio::dup2_stdout(&self.streams.stdout)?;
        rustix::stdio::dup2_stderr(&self.streams.stderr)?;
        attribution::begin(&self.streams);
        Ok(())
    }

    fn serve(mut self) -> io::Result<()> {
        let mut line = String::new();
        while self.commands.read_line(&mut line)? > 0 {
            let mut words = line.split_whitespace();
            let (Some("LOAD_AND_RUN"), Some(library), Some(function)) =
                (words.next(), words.next(), words.next())
            else {
                return Err(io::Error::other(format!("evcxr says {line:?}")));
            };
            self.run_cell(library, function)?;
            line.clear();
        }
        Ok(())
    }

    fn run_cell(&mut self, library: &str, function: &str) -> io::Result<()> {
        let Some(number) = self.may_begin()? else {
            return self.answers.write_all(NEVER_RAN);
        };
        let checkpoint = match Checkpoint::make()? {
            Fork::Original(checkpoint) => checkpoint,
            Fork::Copy => {
                self.ask(TAKES_OVER)?;
                return self.answers.write_all(NEVER_RAN);
            }
        };
        // Those of the cell before stay until this thread has its new ones.
        let before = mem::replace(&mut self.streams, streams_of(number)?);
        self.attach()?;
        drop(before);
        // SAFETY: it is a library that evcxr has just compiled for this; what
        // its initialisers do is the cell's own doing.
        let library = unsafe { Library::new(library) }.map_err(io::Error::other)?;
        // SAFETY: evcxr gives its cells' functions this type, and the pointer
        // is null or what the cell before gave back.
        unsafe {
            let cell = library
                .get::<Cell>(function.as_bytes())
                .map_err(io::Error::other)?;
            self.variables = cell(self.variables);
            // Not there until the session's own module is defined.
            if let Ok(flush) = library.get::<extern "C" fn()>(FLUSH) {
                flush();
            }
        }
        // Never unloaded: threads, variables and statics use its code.
        mem::forget(library);
        for line in self.ask(ENDS)? {
            writeln!(self.answers, "{line}")?;
        }
        drop(checkpoint);
        self.answers.write_all(COMPLETE)
    }

    /// Asks the host whether a cell may begin. If so, returns its number.
    fn may_begin(&mut self) -> io::Result<Option<u64>> {
        let answer = self.ask(BEGINS)?;
        let number = answer.first().and_then(|line| line.strip_prefix(GO));
        Ok(number.and_then(|number| number.trim().parse().ok()))
    }

    /// Tells the host something, and waits for its lines, up to an empty one.
    fn ask(&mut self, what: &str) -> io::Result<Vec<String>> {
        writeln!(self.control.get_mut(), "{what} {}", process::id())?;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.control.read_line(&mut line)? == 0 {
                // Without a host there is no session.
                process::exit(0);
            }
            match line.trim_end_matches('\n') {
                "" => return Ok(lines),
                line => lines.push(line.to_owned()),
            }
        }
    }
}

fn streams_of(number: u64) -> io::Result<Arc<Streams>> {
    Ok(Arc::new(Streams {
        number,
        stdout: connect(STDOUT, number)?,
        stderr: connect(STDERR, number)?,
    }))
}

fn connect(kind: u8, number: u64) -> io::Result<UnixStream> {
    let path = env::var_os(SOCKET).ok_or_else(|| io::Error::other("it has no host"))?;
    let stream = UnixStream::connect(path)?;
    // Not in the place of a standard stream that a cell has closed.
    let mut stream = UnixStream::from(rustix::io::fcntl_dupfd_cloexec(&stream, 3)?);
    Opening { kind, number }.write(&mut stream)?;
    Ok(stream)
}

impl Opening {
    fn write(&self, stream: &mut UnixStream) -> io::Result<()> {
        stream.write_all(&[self.kind])?;
        stream.write_all(&self.number.to_le_bytes())
    }

    pub(super) fn read(stream: &mut UnixStream) -> io::Result<Opening> {
        let (mut kind, mut number) = ([0], [0; 8]);
        stream.read_exact(&mut kind)?;
        stream.read_exact(&mut number)?;
        Ok(Opening {
            kind: kind[0],
            number: u64::from_le_bytes(number),
        })
    }
}

/// Which of the two processes this is, after a fork.
enum Fork {
    Original(Option<Checkpoint>),
    /// The original is gone.
    Copy,
}

/// A copy of this process that takes over if this one ends before it drops
/// this.
struct Checkpoint {
    copy: rustix::process::Pid,
    /// Its end tells the copy of ours.
    _alive: io::PipeWriter,
}

impl Checkpoint {
    fn make() -> io::Result<Fork> {
        if !is_alone() {
            return Ok(Fork::Original(None));
        }
        let (mut original, alive) = io::pipe()?;
        // SAFETY: this process has a single thread, so that the copy is whole.
        let copy = unsafe { libc::fork() };
        if copy == 0 {
            drop(alive);
            while let Err(error) = original.read(&mut [0]) {
                if error.kind() != io::ErrorKind::Interrupted {
                    process::exit(0);
                }
            }
            return Ok(Fork::Copy);
        }
        // Without memory for a copy, do without one.
        let copy = rustix::process::Pid::from_raw(copy.max(0));
        if let Some(copy) = copy {
            // What ends this process's group must not end the copy, which may
            // not have run yet when that comes.
            let _ = rustix::process::setpgid(Some(copy), Some(copy));
        }
        Ok(Fork::Original(copy.map(|copy| Checkpoint {
            copy,
            _alive: alive,
        })))
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        // Before it can notice that we let go of it.
        let _ = rustix::process::kill_process(self.copy, rustix::process::Signal::KILL);
        let wait = rustix::process::WaitOptions::empty();
        let _ = rustix::process::waitpid(Some(self.copy), wait);
    }
}

/// Whether no other thread runs in this process.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}
