//! Printing. The traits are the original's; standard input and files are
//! missing.

use outcomes::model::{self, Stream};
use std::fmt;
use std::panic::Location;

pub use std::io::{
    BufRead, BufReader, BufWriter, Cursor, Error, ErrorKind, IntoInnerError, LineWriter, Read,
    Result, Seek, SeekFrom, Write, empty, repeat, sink,
};

/// The traits that are usually wanted together.
pub mod prelude {
    pub use std::io::prelude::*;
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
pub enum Lines {
    Out,
    Error,
}

impl Lines {
    #[track_caller]
    pub fn write_fmt(self, arguments: fmt::Arguments<'_>) {
        match self {
            Lines::Out => print_out(arguments),
            Lines::Error => print_error(arguments),
        }
    }
}

/// Standard output.
#[derive(Debug)]
pub struct Stdout(());

/// Standard error.
#[derive(Debug)]
pub struct Stderr(());

/// Standard output. It can't be locked for longer than one write.
pub fn stdout() -> Stdout {
    Stdout(())
}

/// Standard error. It can't be locked for longer than one write.
pub fn stderr() -> Stderr {
    Stderr(())
}

macro_rules! writers {
    ($($writer:ty: $stream:expr, $flush:expr;)*) => { $(
        impl Write for $writer {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                let text = std::str::from_utf8(bytes).map_err(|_| {
                    Error::new(ErrorKind::InvalidData, "what is printed must be UTF-8 here")
                })?;
                model::print($stream, format_args!("{text}"), Location::caller());
                Ok(bytes.len())
            }

            #[track_caller]
            fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<()> {
                model::print($stream, arguments, Location::caller());
                Ok(())
            }

            #[track_caller]
            fn flush(&mut self) -> Result<()> {
                if $flush {
                    model::flush(Location::caller());
                }
                Ok(())
            }
        }

        impl Write for &$writer {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                <$writer>::write(&mut <$writer>::from(()), bytes)
            }

            #[track_caller]
            fn flush(&mut self) -> Result<()> {
                <$writer>::flush(&mut <$writer>::from(()))
            }
        }

        impl From<()> for $writer {
            fn from((): ()) -> $writer {
                Self(())
            }
        }
    )* };
}

writers! {
    Stdout: Stream::Stdout, true;
    Stderr: Stream::Stderr, false;
}
