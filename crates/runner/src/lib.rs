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
//! is empty, or what somebody types (`run_with_input`). No other open file
//! reaches it.
//!
//! On Linux the kernel contains it besides: in namespaces of its own, where it
//! sees and signals only itself, under a filter of system calls, with access to
//! its folder and the system's libraries alone, and in a control group. What
//! of that can't be had is told by [`Running::lacks`]; `containment.rs` says
//! how it is done. Compilers are contained like programs, so that `include_str!`
//! reads no more than a program does, but as the user that they were started
//! by. cargo and services ([`run::start_service`]) are ours, and not contained.
//!
//! # What is Linux only
//! All of that, telling a deadlock from a long wait, telling that a program
//! waits for its standard input, the limits on memory, processes, threads and
//! disk, and reaching a process that left the program's session. Elsewhere
//! the program's process group is killed, and the wall clock and the output
//! are bounded.

#![deny(unsafe_code)]

pub mod build;
pub mod cargo;
mod containment;
pub mod crates;
#[cfg(target_os = "linux")]
mod deadlock;
mod diagnostics;
mod disk;
mod documentation;
pub mod event;
mod folder;
mod input;
mod launch;
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
pub mod sources;
pub mod stop;
pub mod supervisor;
#[cfg(target_os = "linux")]
mod threads;

pub use build::{Build, BuildError, Builder, Queued};
pub use cargo::{CargoBuild, Progress, build_examples, build_libraries_of_examples};
pub use containment::Means;
pub use diagnostics::without_colours;
pub use event::{Ending, Event, Limit, Stream};
pub use folder::remove_abandoned as remove_abandoned_folders;
pub use input::Input;
pub use launch::{die_with_this_thread, hide as hide_memory, spawn_to_die_with_us};
pub use libraries::Libraries;
pub use limits::{ASKS_FOR_NETWORK, Limits};
#[cfg(target_os = "linux")]
pub use observer::{Observed, Observer, kill_descendants_except};
pub use run::{RunError, Running, lacks, run, run_on, run_with_input, start_service};
pub use sources::Sources;
pub use stop::Stop;
