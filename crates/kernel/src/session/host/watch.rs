//! Looks after the process that runs the cells: passes on what it prints,
//! lets a cell begin or not, notices how it ended, and ends it when it must.

use super::super::markers::Markers;
use super::super::places::{Place, Places};
use super::super::protocol::{Effect, Report, Shown};
use super::super::runtime::{self, CONTROL, GO, Opening, STDERR, STDIN, STDOUT};
use super::report;
use crate::output::Characters;
use runner::{Ending, Limit, Stream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::mem;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a cell that runs is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often a compiler that is to stop is looked for.
#[cfg(target_os = "linux")]
const STOP_EVERY: Duration = Duration::from_millis(5);

/// How long to wait for the end of a process that is known to have ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of the end of a cell's standard error is kept, in bytes.
const LAST_WORDS: usize = 4 << 10;

/// What a cell may use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Limits {
    /// Bytes that it prints.
    pub(in super::super) output: u64,
    /// Bytes of resident memory, all variables included. Linux only.
    pub(in super::super) memory: u64,
}

/// How long standard error is held back after a panic of the thread that runs
/// cells: as it seems, the cell is about to end with it.
const UNWINDING: Duration = Duration::from_secs(1);

pub(super) struct Watch {
    limits: Limits,
    /// What evcxr compiles.
    compiled: PathBuf,
    state: Mutex<State>,
    /// The cells' process has ended.
    gone: Condvar,
}

#[derive(Default)]
struct State {
    /// The process that runs the cells.
    pid: Option<Pid>,
    stdin: Option<UnixStream>,
    #[cfg(target_os = "linux")]
    observer: Option<runner::Observer>,
    /// Whether a cell is being compiled or runs.
    begun: bool,
    /// Whether a cell's own code runs now.
    running: bool,
    /// The number of the cell that runs, or ran last.
    number: u64,
    /// What is known of the output of that cell, and of those of which
    /// threads may be left.
    outputs: BTreeMap<u64, Output>,
    places: Places,
    /// Whether the process that ran it is gone, with nobody in its place.
    ended: bool,
    /// Whether somebody answers when it reads.
    answers: bool,
    /// Whether the kernel was already told that it reads.
    asked: bool,
    cell: Ended,
    /// Why we ended the process, if we did.
    why: Option<Ending>,
    /// How the process ended while no cell ran: a thread can end it, too.
    idle: Option<Ending>,
}

/// A cell's output, as far as it has come.
#[derive(Default)]
struct Output {
    markers: Markers,
    stderr: Characters,
    /// What came there and may yet be the cell's error, and since when.
    held: String,
    since: Option<Instant>,
    /// What evcxr made of the cell.
    file: String,
    /// The process that runs it.
    pid: i32,
    /// How many bytes it is.
    printed: u64,
}

/// What became of a cell.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// How its process ended, if it did.
    pub(super) cause: Option<Ending>,
    /// Whether the copy that was made before the cell took its place.
    pub(super) restored: bool,
    /// Whether it did so before the cell began.
    pub(super) never_ran: bool,
    pub(super) interrupted: bool,
    pub(super) panicked: bool,
    /// Whether it left early with `?`.
    pub(super) failed: bool,
    /// What a panic said, or else its last line on standard error.
    pub(super) last_words: String,
    /// Where it panicked.
    pub(super) place: Option<Place>,
    /// What it showed last.
    pub(super) result: Option<Map<String, Value>>,
}

impl Watch {
    pub(super) fn start(
        listener: UnixListener,
        limits: Limits,
        compiled: PathBuf,
    ) -> io::Result<Arc<Watch>> {
        // What a cell's process leaves behind becomes ours, so that we hear
        // how it ends.
        #[cfg(target_os = "linux")]
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let watch = Arc::new(Watch {
            limits,
            compiled,
            state: Mutex::default(),
            gone: Condvar::new(),
        });
        let watching = watch.clone();
        thread::Builder::new().spawn(move || {
            let mut connections = Connections {
                watch: &watching,
                listener,
                open: Vec::new(),
            };
            loop {
                connections.wait();
            }
        })?;
        Ok(watch)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell is to be compiled and run. Called where requests are read, since
    /// one to stop the cell may come right behind.
    pub(super) fn begin(&self, number: u64, stdin: bool, label: Option<u32>, code: &str) {
        let mut state = self.state();
        state.places.add(label, code);
        state.begun = true;
        state.number = number;
        state.outputs.insert(number, Output::default());
        state.answers = stdin;
        state.cell = Ended::default();
        state.why = None;
        state.ended = false;
    }

    /// evcxr is done with the cell; it may have noticed before us that its
    /// process was `terminated`.
    pub(super) fn end(&self, terminated: bool) -> Ended {
        let mut state = self.state();
        state.begun = false;
        let deadline = Instant::now() + PATIENCE;
        while terminated && !state.ended && Instant::now() < deadline {
            let waited = self.gone.wait_timeout(state, LOOK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let idle = state.idle.take();
        if terminated && state.cell.cause.is_none() {
            state.cell.cause = idle;
            state.cell.never_ran = true;
        }
        mem::take(&mut state.cell)
    }

    /// Stops the cell: its process if it runs, else the compiler.
    pub(super) fn interrupt(&self) {
        let mut state = self.state();
        state.cell.interrupted = true;
        if state.running {
            state.end_process(Ending::Stopped);
            return;
        }
        drop(state);
        #[cfg(target_os = "linux")]
        self.stop_compiling();
    }

    /// Ends the compiler, again and again: it may be about to start.
    #[cfg(target_os = "linux")]
    fn stop_compiling(&self) {
        loop {
            let state = self.state();
            // A process that takes another's place is not the compiler.
            if !state.begun || state.ended || state.cell.cause.is_some() {
                return;
            }
            let keep = state.pid.map_or(0, |pid| pid.as_raw_nonzero().get());
            runner::kill_descendants_except(keep);
            drop(state);
            thread::sleep(STOP_EVERY);
        }
    }

    /// Gives the cell a line to read, or the end.
    pub(super) fn input(&self, line: Option<&str>) {
        let mut state = self.state();
        state.asked = false;
        let Some(stdin) = &mut state.stdin else {
            return;
        };
        // It may have ended meanwhile.
        let _ = match line {
            Some(line) => stdin.write_all(line.as_bytes()),
            None => stdin.shutdown(std::net::Shutdown::Write),
        };
    }

    /// Ends the cells' process for good.
    pub(super) fn kill(&self) {
        self.state().end_process(Ending::Stopped);
    }
}

impl Output {
    /// Holds back what came on standard error.
    fn hold(&mut self, text: &str) {
        if !text.is_empty() {
            self.since.get_or_insert_with(Instant::now);
            self.held += text;
        }
    }

    /// When what is held back goes out.
    fn due(&self) -> Option<Instant> {
        let wait = match panic_of_the_cell(&self.held, self.pid) {
            Some(_) => UNWINDING,
            None => LOOK_EVERY,
        };
        Some(self.since? + wait)
    }

    fn release(&mut self, number: u64, places: &Places) {
        self.since = None;
        let held = mem::take(&mut self.held);
        if !held.is_empty() {
            print_to_stderr(number, places.named(&held, &self.file));
        }
    }

    /// No more comes: what is held back goes out.
    fn end(&mut self, number: u64, places: &Places) {
        if let Some(data) = self.markers.finish(&mut |it| did(number, it)) {
            let shown = Shown {
                data,
                ..Shown::default()
            };
            did(number, Effect::Show(shown));
        }
        let text = self.stderr.finish();
        self.hold(&text);
        self.release(number, places);
    }
}

impl State {
    fn end_process(&mut self, why: Ending) {
        let Some(pid) = self.pid else {
            return;
        };
        self.why.get_or_insert(why);
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }

    /// The cell of this number has printed something.
    fn print(&mut self, number: u64, kind: u8, bytes: &[u8], limits: &Limits) {
        let runs = self.running && number == self.number;
        let output = self.outputs.entry(number).or_default();
        let before = output.printed;
        output.printed += bytes.len() as u64;
        if output.printed > limits.output {
            match runs {
                true => self.end_process(Ending::OverLimit {
                    limit: Limit::Output(limits.output),
                }),
                false if before <= limits.output => print_to_stderr(
                    number,
                    format!(
                        "\nA thread of this cell goes on printing. What it prints after {} bytes \
                         is not shown.\n",
                        limits.output
                    ),
                ),
                false => {}
            }
            return;
        }
        if kind == STDOUT {
            output.markers.read(bytes, &mut |it| did(number, it));
            return;
        }
        let text = output.stderr.push(bytes);
        if number == self.number {
            self.cell.last_words.push_str(&text);
            let mut cut = self.cell.last_words.len().saturating_sub(LAST_WORDS);
            while !self.cell.last_words.is_char_boundary(cut) {
                cut += 1;
            }
            self.cell.last_words.drain(..cut);
        }
        self.outputs.entry(number).or_default().hold(&text);
    }

    /// The cell's own code has ended. Returns what evcxr is to be told.
    fn finish(&mut self) -> Vec<String> {
        self.running = false;
        let number = self.number;
        let output = self.outputs.entry(number).or_default();
        let markers = &mut output.markers;
        self.cell.result = markers.finish(&mut |it| did(number, it));
        self.cell.panicked = markers.panicked;
        self.cell.failed = markers.failed;
        let for_evcxr = mem::take(&mut markers.for_evcxr);
        // The cell's error says it.
        if self.cell.panicked {
            let said = &self.cell.last_words;
            let said = panic_of_the_cell(said, output.pid).map_or("", |at| &said[at..]);
            self.cell.place = self.places.first(said, &output.file);
            output.held = without_panic(&output.held, output.pid);
        } else if self.cell.failed {
            output.held = without_error(&output.held).to_owned();
        }
        output.release(number, &self.places);
        self.cell.last_words = last_words(&self.cell.last_words, output.pid);
        for_evcxr
    }

    /// What was held back long enough goes out.
    fn release(&mut self) {
        let now = Instant::now();
        for (number, output) in &mut self.outputs {
            if output.due().is_some_and(|due| due <= now) {
                output.release(*number, &self.places);
            }
        }
    }

    /// Nothing more came for a while.
    fn pause(&mut self) {
        for (number, output) in &mut self.outputs {
            output.markers.pause(&mut |it| did(*number, it));
        }
    }

    fn holds_back(&self) -> bool {
        self.outputs
            .values()
            .any(|output| output.markers.holds_back() || output.since.is_some())
    }

    /// Forgets the cells that have ended, but for those that are `open`: of
    /// the others no thread is left.
    fn forget(&mut self, open: &[u64]) {
        let current = self.number;
        let places = &self.places;
        self.outputs.retain(|number, output| {
            let stays = *number == current || open.contains(number);
            if !stays {
                output.end(*number, places);
                report(&Report::Silent(*number));
            }
            stays
        });
    }

    /// The process that ran the cell has ended.
    fn died(&mut self, pid: Pid) {
        let how = how_it_ended(pid);
        if !self.running {
            self.idle = how;
            return;
        }
        self.finish();
        self.cell.result = None;
        self.cell.cause = self.why.take().or(how);
    }

    /// Looks at the cell that runs.
    #[cfg(target_os = "linux")]
    fn look(&mut self, limits: &Limits) {
        let Some(seen) = self.observer.as_mut().and_then(|it| it.look()) else {
            return;
        };
        if seen.resident > limits.memory {
            let limit = Limit::Memory(limits.memory);
            self.end_process(Ending::OverLimit { limit });
        } else if seen.deadlocked {
            self.end_process(Ending::Deadlocked {
                threads: seen.threads as usize,
            });
        } else if seen.asks && !self.answers {
            if let Some(stdin) = &self.stdin {
                let _ = stdin.shutdown(std::net::Shutdown::Write);
            }
        } else if seen.asks && !mem::replace(&mut self.asked, true) {
            did(
                self.number,
                Effect::Asks {
                    prompt: String::new(),
                    password: false,
                },
            );
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn look(&mut self, _: &Limits) {}
}

/// The connections of the cells' process. After a restart those of the one
/// before are there, too, for as long as what it started lives.
struct Connections<'a> {
    watch: &'a Watch,
    listener: UnixListener,
    open: Vec<Connection>,
}

struct Connection {
    kind: u8,
    /// The cell whose output it is.
    number: u64,
    stream: UnixStream,
    /// The process at the other end of a control connection.
    pid: Option<Pid>,
    heard: Vec<u8>,
}

impl Connections<'_> {
    fn wait(&mut self) {
        let timeout = Timespec::try_from(LOOK_EVERY).ok();
        let (running, idle) = {
            let mut state = self.watch.state();
            state.release();
            state.forget(&self.printing());
            (state.running, !state.running && !state.holds_back())
        };
        let ready: Vec<bool> = {
            let mut fds = vec![PollFd::new(&self.listener, PollFlags::IN)];
            let streams = self.open.iter().map(|it| &it.stream);
            fds.extend(streams.map(|stream| PollFd::new(stream, PollFlags::IN)));
            let _ = poll(&mut fds, timeout.as_ref().filter(|_| !idle));
            fds.iter().map(|fd| !fd.revents().is_empty()).collect()
        };
        if !ready.contains(&true) {
            let mut state = self.watch.state();
            state.pause();
            if running {
                state.look(&self.watch.limits);
            }
            return;
        }
        if ready[0] {
            self.accept();
            return;
        }
        // Output first: what was printed before a cell ended comes before its end.
        self.read_output();
        let controls: Vec<usize> = (0..self.open.len())
            .filter(|&at| ready[at + 1] && self.open[at].kind == CONTROL)
            .collect();
        for at in controls {
            self.read_control(at);
        }
        self.open.retain(|connection| connection.kind != 0);
    }

    fn accept(&mut self) {
        let Ok((mut stream, _)) = self.listener.accept() else {
            return;
        };
        let Ok(Opening { kind, number }) = Opening::read(&mut stream) else {
            return;
        };
        match kind {
            STDIN => {
                let mut state = self.watch.state();
                state.asked = false;
                state.stdin = Some(stream);
                return;
            }
            STDOUT | STDERR => {
                let _ = stream.set_nonblocking(true);
            }
            _ => {}
        }
        self.open.push(Connection {
            kind,
            number,
            stream,
            pid: None,
            heard: Vec::new(),
        });
    }

    /// The cells that have an open stream: threads of theirs may be left.
    fn printing(&self) -> Vec<u64> {
        let streams = self.open.iter();
        streams
            .filter(|it| matches!(it.kind, STDOUT | STDERR))
            .map(|it| it.number)
            .collect()
    }

    /// Reads all that was printed so far.
    fn read_output(&mut self) {
        let mut buffer = vec![0; 64 << 10];
        for connection in &mut self.open {
            if !matches!(connection.kind, STDOUT | STDERR) {
                continue;
            }
            loop {
                match connection.stream.read(&mut buffer) {
                    Ok(0) => connection.kind = 0,
                    Ok(length) => {
                        let mut state = self.watch.state();
                        let (number, kind) = (connection.number, connection.kind);
                        state.print(number, kind, &buffer[..length], &self.watch.limits);
                        continue;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => connection.kind = 0,
                }
                break;
            }
        }
    }

    fn read_control(&mut self, at: usize) {
        let mut buffer = [0; 256];
        match self.open[at].stream.read(&mut buffer) {
            Ok(length) if length > 0 => self.open[at].heard.extend(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            _ => {
                self.open[at].kind = 0;
                let pid = self.open[at].pid;
                self.lost(pid);
                return;
            }
        }
        while let Some(end) = self.open[at].heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.open[at].heard.drain(..=end).collect();
            self.told(at, &String::from_utf8_lossy(&line));
        }
    }

    /// The cells' process is gone, and no copy of it is left.
    fn lost(&mut self, pid: Option<Pid>) {
        self.read_output();
        let mut state = self.watch.state();
        let Some(pid) = pid.filter(|pid| state.pid == Some(*pid)) else {
            return;
        };
        state.died(pid);
        state.pid = None;
        state.ended = true;
        self.watch.gone.notify_all();
    }

    /// A cells' process tells something, and waits for the answer.
    fn told(&mut self, at: usize, line: &str) {
        let mut words = line.split_whitespace();
        let (what, pid) = (words.next(), words.next());
        let pid = pid.and_then(|pid| Pid::from_raw(pid.parse().ok()?));
        self.read_output();
        let mut state = self.watch.state();
        let mut answer = Vec::new();
        match what {
            Some(runtime::BEGINS) if !state.cell.interrupted => {
                state.running = true;
                let number = state.number;
                // Without it places are those in the file.
                let file = fs::read_to_string(&self.watch.compiled).unwrap_or_default();
                let output = state.outputs.entry(number).or_default();
                output.file = file;
                output.pid = pid.map_or(0, |pid| pid.as_raw_nonzero().get());
                answer.push(format!("{GO} {}", state.number));
            }
            Some(runtime::ENDS) => answer = state.finish(),
            Some(runtime::TAKES_OVER) => {
                if let Some(before) = self.open[at].pid {
                    state.died(before);
                    state.cell.restored = true;
                }
                self.open[at].pid = pid;
                state.pid = pid;
                #[cfg(target_os = "linux")]
                {
                    let pid = pid.map_or(0, |pid| pid.as_raw_nonzero().get());
                    state.observer = runner::Observer::new(pid);
                }
            }
            _ => {}
        }
        drop(state);
        answer.push("\n".to_owned());
        let _ = self.open[at].stream.write_all(answer.join("\n").as_bytes());
    }
}

/// Tells what a cell did.
fn did(number: u64, effect: Effect) {
    report(&Report::Effect(number, effect));
}

fn print_to_stderr(number: u64, text: String) {
    let stream = Stream::Stderr;
    did(number, Effect::Print { stream, text });
}

/// How a process ended that has, or is about to.
fn how_it_ended(pid: Pid) -> Option<Ending> {
    let _ = rustix::process::kill_process(pid, Signal::KILL);
    loop {
        return match rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED) {
            Err(rustix::io::Errno::INTR) => continue,
            Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Some(Ending::Exited { code }),
                (None, Some(signal)) => Some(Ending::Signalled { signal }),
                (None, None) => None,
            },
            _ => Some(Ending::Signalled {
                signal: Signal::KILL.as_raw(),
            }),
        };
    }
}

/// Where the last panic begins of the thread that runs cells, in the process of
/// this number. It has no name, since its standard library didn't start it, and
/// neither have others; where std tells numbers, those differ.
fn panic_of_the_cell(stderr: &str, pid: i32) -> Option<usize> {
    let mut lines = stderr.rmatch_indices("thread '").map(|(at, _)| at);
    lines.find(|at| {
        let line = stderr[*at..].lines().next().unwrap_or_default();
        let starts = *at == 0 || stderr[..*at].ends_with('\n');
        let Some((thread, _)) = line.split_once(" panicked at ") else {
            return false;
        };
        let (name, number) = thread.split_once(" (").unwrap_or((thread, ""));
        let is_it = number.is_empty() || number.trim_end_matches(')') == pid.to_string();
        starts && is_it && ["thread 'main'", "thread '<unnamed>'"].contains(&name)
    })
}

/// The text without the words of that panic.
fn without_panic(stderr: &str, pid: i32) -> String {
    let Some(at) = panic_of_the_cell(stderr, pid) else {
        return stderr.to_owned();
    };
    // std begins with an empty line, and ends with a note once.
    let before = stderr[..at].strip_suffix('\n').unwrap_or(&stderr[..at]);
    let rest = stderr[at..].split_once("\nnote: run with ");
    let after = rest.and_then(|(_, note)| note.split_once('\n'));
    format!("{before}{}", after.map_or("", |(_, after)| after))
}

/// The text without the error that stands last, which `?` has written.
fn without_error(stderr: &str) -> &str {
    let text = stderr.trim_end_matches('\n');
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last = lines.pop().unwrap_or_default();
    let mut length = last.len();
    // `{:#?}` takes several lines, which end with what closes the first.
    if last.len() == 1 && [")", "}", "]"].contains(&last) {
        while let Some(line) = lines.pop() {
            length += line.len();
            if !line.starts_with(' ') {
                break;
            }
        }
    }
    &text[..text.len() - length]
}

/// The message of the last panic, or else the last line.
fn last_words(stderr: &str, pid: i32) -> String {
    if let Some(at) = panic_of_the_cell(stderr, pid) {
        let lines = stderr[at..].lines().skip(1);
        let message: Vec<&str> = lines
            .take_while(|line| !line.starts_with("note: "))
            .collect();
        return message.join("\n").trim_end().to_owned();
    }
    let last = stderr.lines().rfind(|line| !line.trim().is_empty());
    last.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_from_other_words() {
        let panic = "\nthread '<unnamed>' (7) panicked at src/lib.rs:3:5:\ntoo\nfew\n";
        let note = "note: run with `RUST_BACKTRACE=1` environment variable\n";
        for (text, left) in [
            (format!("a\n{panic}{note}dropped\n"), "a\ndropped\n"),
            (format!("a\n{panic}"), "a\n"),
            (panic[1..].to_owned(), ""),
            (
                "thread 'main' is fine\n".to_owned(),
                "thread 'main' is fine\n",
            ),
            (
                "thread 'other' (8) panicked at x:1:1:\n".to_owned(),
                "thread 'other' (8) panicked at x:1:1:\n",
            ),
        ] {
            assert_eq!(without_panic(&text, 7), left, "{text}");
        }
        assert_eq!(last_words(&format!("a\n{panic}{note}"), 7), "too\nfew");
        assert_eq!(
            last_words(&format!("{panic}{note}{}", panic.replace("few", "many")), 7),
            "too\nmany"
        );
    }

    #[test]
    fn an_error_is_told_from_other_words() {
        for (text, left) in [
            ("a\nParseIntError { kind: InvalidDigit }\n", "a\n"),
            ("a\nError {\n    kind: X(\n        1,\n    ),\n}\n", "a\n"),
            ("one\n", ""),
            ("", ""),
        ] {
            assert_eq!(without_error(text), left, "{text}");
        }
    }
}
