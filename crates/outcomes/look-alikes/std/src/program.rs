//! How a modelled program, which is a process of its own, is asked about its
//! outcomes. Used by [`program!`](crate::program).

pub mod tests;

use crate::local::Locals;
use outcomes_engine::{Message, Program, Refused, Request, Watchdog};
use std::cell::Cell;
use std::fmt::Debug;
use std::io::{Read, Write};
use std::process::{ExitCode, Termination};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// The variable that holds the request.
pub const REQUEST: &str = "OUTCOMES_REQUEST";

/// How often it is looked whether the program still gives control back.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Answers the request, if there is one, and ends the process.
///
/// Not generic: else every program would compile all of this, and reading and
/// writing JSON, anew.
pub fn start(main: &dyn Fn() -> i32) {
    let Some(request) = std::env::var_os(REQUEST) else {
        return;
    };
    let request = request.to_string_lossy();
    let is_passed = request == "-";
    match read_request(&request) {
        Ok(request) => {
            watch(request.clone(), is_passed);
            outcomes_engine::answer(&program(main), &request, &mut |message| tell(&message));
        }
        Err(error) => tell(&Message::Refused(Refused {
            reason: format!("{REQUEST} is not a request: {error}"),
            at: None,
        })),
    }
    unreachable!("the last message ends the process");
}

/// Writes a message. The last one ends the process.
fn tell(message: &Message) {
    /// Held by whoever writes, until the process ends.
    static TELLING: Mutex<()> = Mutex::new(());
    let _telling = TELLING.lock();
    let mut line = serde_json::to_string(message).expect("messages are plain data");
    line.push('\n');
    let mut stdout = std::io::stdout();
    // Nobody is left to tell if the reader is gone.
    let _ = stdout.write_all(line.as_bytes());
    let _ = stdout.flush();
    match message {
        Message::Progress(_) => {}
        Message::Answer(_) | Message::Tests(_) => std::process::exit(0),
        Message::Refused(_) => std::process::exit(1),
    }
}

/// Answers in the engine's place when the program computes without end. Tells the engine
/// to stop when whoever asked says so: he adds a line to the request, if that is in a file.
fn watch(request: Request, is_passed: bool) {
    let mut watchdog = Watchdog::new();
    let watching = thread::Builder::new().spawn(move || {
        loop {
            thread::sleep(BETWEEN_LOOKS);
            if is_passed && matches!(std::io::stdin().read(&mut [0]), Ok(1..)) {
                outcomes_engine::stop();
            }
            if let Some(answer) = watchdog.look(&request) {
                tell(&Message::Answer(Box::new(answer)));
            }
        }
    });
    // Without it only what computes without end is stopped from outside.
    drop(watching);
}

/// The program with this `main`, on this standard library.
pub fn program(main: &dyn Fn() -> i32) -> Program<'_> {
    Program {
        main,
        locals: &|| Box::new(Locals::of_main()),
    }
}

fn read_request(text: &str) -> Result<Request, serde_json::Error> {
    if text != "-" {
        return serde_json::from_str(text);
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(serde_json::Error::io)?;
    let (request, more) = text.split_once('\n').unwrap_or((&text, ""));
    if !more.is_empty() {
        outcomes_engine::stop();
    }
    serde_json::from_str(request)
}

/// What `main` has returned.
pub struct Returned<T>(Cell<Option<T>>);

impl<T> Returned<T> {
    pub fn new(value: T) -> Returned<T> {
        Returned(Cell::new(Some(value)))
    }

    fn take(&self) -> T {
        self.0.take().expect("it is looked at once")
    }
}

/// The exit code of what is known here. Where both this and [`ViaTermination`]
/// are in scope the compiler takes this one, if it can: it needs no reference.
pub trait ViaReport {
    fn code(self) -> i32;
}

impl<T: Report> ViaReport for Returned<T> {
    fn code(self) -> i32 {
        self.take().report()
    }
}

/// The exit code of anything else that `main` may return: the program says.
pub trait ViaTermination {
    fn code(self) -> i32;
}

impl<T: Termination> ViaTermination for &Returned<T> {
    fn code(self) -> i32 {
        Report::report(Termination::report(self.take()))
    }
}

/// What `main` usually returns, as an exit code. The original prints an error
/// itself, which would go past the engine.
pub trait Report {
    /// The exit code; an error is printed first.
    fn report(self) -> i32;
}

impl Report for () {
    fn report(self) -> i32 {
        0
    }
}

/// The type `!`, which has no name of its own yet.
type Never = <fn() -> ! as Function>::Output;

/// What a function returns.
pub trait Function {
    type Output;
}

impl<T> Function for fn() -> T {
    type Output = T;
}

impl Report for Never {
    fn report(self) -> i32 {
        self
    }
}

impl Report for ExitCode {
    fn report(self) -> i32 {
        let codes = (0..=u8::MAX).filter(|&code| ExitCode::from(code) == self);
        codes.map(i32::from).next().unwrap_or(1)
    }
}

impl<T: Report, E: Debug> Report for Result<T, E> {
    fn report(self) -> i32 {
        match self {
            Ok(value) => value.report(),
            Err(error) => {
                crate::eprintln!("Error: {error:?}");
                1
            }
        }
    }
}
