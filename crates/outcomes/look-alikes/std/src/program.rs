//! How a modelled program, which is a process of its own, is asked about its
//! outcomes. Used by [`program!`](crate::program).

use crate::local::Locals;
use outcomes::{Message, Program, Refused, Request};
use std::fmt::Debug;
use std::io::{Read, Write};
use std::process::ExitCode;

/// The variable that holds the request.
pub const REQUEST: &str = "OUTCOMES_REQUEST";

/// Answers the request, if there is one, and ends the process.
///
/// Not generic: else every program would compile all of this, and reading and
/// writing JSON, anew.
pub fn start(main: &dyn Fn() -> i32) {
    let Some(request) = std::env::var_os(REQUEST) else {
        return;
    };
    let mut failed = false;
    let mut tell = |message: Message| {
        failed |= matches!(message, Message::Refused(_));
        let mut line = serde_json::to_string(&message).expect("messages are plain data");
        line.push('\n');
        // Nobody is left to tell if the reader is gone.
        let _ = std::io::stdout().write_all(line.as_bytes());
    };
    match read_request(&request.to_string_lossy()) {
        Ok(request) => outcomes::answer(&program(main), &request, &mut tell),
        Err(error) => tell(Message::Refused(Refused {
            reason: format!("{REQUEST} is not a request: {error}"),
            at: None,
        })),
    }
    let _ = std::io::stdout().flush();
    std::process::exit(i32::from(failed));
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
    serde_json::from_str(&text)
}

/// What `main` may return, as an exit code.
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
