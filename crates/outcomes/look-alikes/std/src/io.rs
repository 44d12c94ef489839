//! Printing. The traits are the original's; standard input, pipes and files
//! are missing.

use outcomes_engine::model::{self, Stream};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

pub use std::io::{
    BufRead, BufReader, BufWriter, Bytes, Chain, Cursor, Empty, Error, ErrorKind, IntoInnerError,
    IoSlice, IoSliceMut, LineWriter, Lines, Read, Repeat, Result, Seek, SeekFrom, Sink, Split,
    Take, Write, WriterPanicked, copy, empty, read_to_string, repeat, sink,
};

/// The traits that are usually wanted together.
pub mod prelude {
    pub use std::io::{BufRead, Read, Seek, Write};
}

#[doc(hidden)]
#[track_caller]
pub fn print_out(arguments: fmt::Arguments<'_>) {
    model::print(Stream::Stdout, arguments, Location::caller());
}

#[doc(hidden)]
#[track_caller]
pub fn print_error(arguments: fmt::Arguments<'_>) {
    model::print(Stream::Stderr, arguments, Location::caller());
}

/// Where `println!` and `eprintln!` write their lines.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum PrintLine {
    Out,
    Error,
}

impl PrintLine {
    #[track_caller]
    pub fn write_fmt(self, arguments: fmt::Arguments<'_>) {
        match self {
            PrintLine::Out => print_out(arguments),
            PrintLine::Error => print_error(arguments),
        }
    }
}

/// Tells whether somebody reads along.
pub trait IsTerminal {
    /// Never so: what a program prints is collected.
    fn is_terminal(&self) -> bool;
}

/// Standard output.
pub struct Stdout(());

/// Standard error.
pub struct Stderr(());

/// Standard output, with its lock held.
#[must_use = "if unused stdout will immediately unlock"]
pub struct StdoutLock<'a> {
    _held: Held<'a>,
}

/// Standard error, with its lock held.
#[must_use = "if unused stderr will immediately unlock"]
pub struct StderrLock<'a> {
    _held: Held<'a>,
}

/// Standard output.
#[must_use]
pub fn stdout() -> Stdout {
    Stdout(())
}

/// Standard error.
#[must_use]
pub fn stderr() -> Stderr {
    Stderr(())
}

/// A lock that is held, which stays in the thread that took it.
struct Held<'a> {
    stream: Stream,
    here: PhantomData<(&'a (), *const ())>,
}

impl Held<'_> {
    fn new(stream: Stream, at: &'static Location<'static>) -> Self {
        model::lock(stream, at);
        Held {
            stream,
            here: PhantomData,
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if model::is_modelled() {
            model::unlock(self.stream);
        }
    }
}

/// The text that is written, which must be text.
fn text<'b>(bytes: &'b [u8], at: &'static Location<'static>) -> &'b str {
    std::str::from_utf8(bytes).unwrap_or_else(|_| {
        let reason = "it writes bytes that are no text: whole UTF-8 in each write can be explored";
        model::refuse(reason, at)
    })
}

macro_rules! streams {
    ($($stream:ident $lock:ident;)*) => { $(
        impl $stream {
            /// Waits until nobody else holds the lock, and holds it: others
            /// that print wait.
            #[track_caller]
            pub fn lock(&self) -> $lock<'static> {
                $lock {
                    _held: Held::new(Stream::$stream, Location::caller()),
                }
            }
        }

        impl UnwindSafe for $stream {}
        impl RefUnwindSafe for $stream {}
        impl UnwindSafe for $lock<'_> {}
        impl RefUnwindSafe for $lock<'_> {}

        impl fmt::Debug for $stream {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($stream)).finish_non_exhaustive()
            }
        }

        impl fmt::Debug for $lock<'_> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($lock)).finish_non_exhaustive()
            }
        }

        streams! { @write $stream $stream; $stream &$stream; $stream $lock<'_>; }
        streams! { @terminal $stream; $lock<'_>; }
    )* };
    // The lock is re-entrant, so who holds it writes like everybody else.
    (@write $($stream:ident $writer:ty;)*) => { $(
        impl Write for $writer {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                let at = Location::caller();
                Ok(model::write(Stream::$stream, text(bytes, at), at))
            }

            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                let at = Location::caller();
                model::print(Stream::$stream, format_args!("{}", text(bytes, at)), at);
                Ok(())
            }

            #[track_caller]
            fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<()> {
                model::print(Stream::$stream, arguments, Location::caller());
                Ok(())
            }

            #[track_caller]
            fn flush(&mut self) -> Result<()> {
                model::flush(Stream::$stream, Location::caller());
                Ok(())
            }
        }
    )* };
    (@terminal $($writer:ty;)*) => { $(
        impl IsTerminal for $writer {
            fn is_terminal(&self) -> bool {
                false
            }
        }
    )* };
}

streams! {
    Stdout StdoutLock;
    Stderr StderrLock;
}
