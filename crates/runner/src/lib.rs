//! Builds one program and runs it as a bounded child process, streaming
//! what happens.
//!
//! It knows no book, no page and no notebook: a program comes in as source
//! text, and events come out. It may use the standard library, rustix, and
//! cargo's and rustc's command lines. Everything blocks; a caller that must not
//! gives it a thread.
//!
//! # How a program runs
//! Each program has a *supervisor*: this very binary, started again (see
//! [`supervisor::hook`], which every binary that runs programs calls first).
//! The supervisor is alone in its session, adopts every process that the
//! program leaves behind, measures them all against the [`Limits`], and holds
//! one end of a socket whose other end is ours. A byte on it, or its end
//! (which the operating system sends for us even when we are killed), means
//! that everything must go.
//!
//! # What is kept from a program
//! Its environment holds `PATH`, the language, and a `HOME` and a `TMPDIR` of
//! its own, in a fresh folder that is removed afterwards; its standard input
//! is empty, or what somebody types (`run_with_input`). It can still read every file that its user can, while it is
//! compiled (`include_str!`) as well as when it runs: who may send programs
//! is for the caller to decide.
//!
//! # What is not bounded
//! What a program writes to the disk: files of any size and number, in its
//! folder or wherever else its user may write. Only its own folder is removed.
//!
//! A program can kill its supervisor, which is its user's process like any
//! other. Then its own process dies too (Linux), and what it has started is
//! looked for by the `TMPDIR` in its environment: a process that has both
//! cleared its environment and left its parent can stay.
//!
//! # What is Linux only
//! Telling a deadlock from a long wait, telling that a program waits for its
//! standard input, the limits on memory, processes and
//! threads, and reaching a process that left the program's session. Elsewhere
//! the program's process group is killed, and the wall clock and the output
//! are bounded.

#![deny(unsafe_code)]

pub mod build;
pub mod cargo;
#[cfg(target_os = "linux")]
mod deadlock;
mod diagnostics;
mod disk;
pub mod event;
mod input;
pub mod libraries;
pub mod limits;
#[cfg(target_os = "linux")]
mod observer;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod reading;
mod removal;
pub mod run;
pub mod stop;
pub mod supervisor;
#[cfg(target_os = "linux")]
mod threads;

pub use build::{Build, BuildError, Builder};
pub use cargo::{CargoBuild, Progress, build_examples};
pub use diagnostics::without_colours;
pub use event::{Ending, Event, Limit, Stream};
pub use input::Input;
pub use libraries::Libraries;
pub use limits::Limits;
#[cfg(target_os = "linux")]
pub use observer::{Observed, Observer, kill_descendants_except};
pub use run::{RunError, Running, run, run_on, run_with_input, start_service};
pub use stop::Stop;
