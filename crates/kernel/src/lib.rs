//! The Jupyter kernel: messages, cells, sessions.
//!
//! It knows no book: source text comes in as `execute_request`, output goes
//! out as Jupyter messages. Programs are run by `runner`, never linked.
//!
//! # How it works
//!
//! A [`Kernel`] takes messages in through [`Kernel::receive`] and hands those
//! that it sends to its [`Outbox`]. It knows no socket: a transport (the
//! WebSocket of `interleaved serve`, with the pure functions in [`websocket`];
//! the ZeroMQ sockets of `interleaved-kernel`, behind the feature `zeromq`)
//! only turns frames into [`Message`]s, and back.
//!
//! Two threads serve a kernel. One takes shell requests in order, so that
//! cells run one after the other; the other answers control requests while a
//! cell runs. An interrupt takes effect before it is even queued.
//!
//! An `execute_request`'s code is read by [`cell`]: the magics at its top,
//! then what it is. A *program* (it has a top-level `fn main`) is built and run
//! by `runner` as its own process, whose events become `stream`
//! messages, or, under `%%run N`, into one table of outcomes. Under
//! `%%outcomes` and `%%trace` it is built against look-alikes of its libraries
//! instead, and asked what it can do. Everything else goes to the [`session`].
//!
//! Programs and sessions share no memory, but what cells define: the kernel keeps
//! that as source text (`definitions`), compiles a program with what it names,
//! and tells the session what programs have defined once a cell names it. Where
//! there are no sessions, as on the book's page, each program stands alone.
//!
//! All kernels of a server share a [`Workshop`], which bounds how many programs
//! run at once: the others wait in line.
//!
//! # Why our own message types
//!
//! The `jupyter-protocol` crate has types for the whole protocol. They cost
//! about 8 CPU seconds of every first build (chrono, uuid, futures,
//! async-trait), and they parse a message whole: one odd field in the content
//! and there is no header left to answer. A kernel also has to give a
//! request's header back as it came, unknown fields and date format included.
//! [`header`], [`message`], [`content`] and [`request`] do that in a few hundred
//! lines.

// Loading a cell into a process, in `session::runtime`, is the one exception.
#![cfg_attr(not(feature = "evcxr"), forbid(unsafe_code))]
#![deny(unsafe_code)]

pub mod cell;
mod completion;
#[cfg(feature = "zeromq")]
pub mod connection_file;
pub mod content;
mod debugging;
mod definitions;
pub mod doctest;
mod ending;
mod exploring;
mod formatting;
pub mod header;
pub mod history;
mod html;
mod inspection;
#[cfg(feature = "zeromq")]
pub mod install;
mod kernel;
pub mod kernelspec;
#[cfg(feature = "zeromq")]
mod labextension;
mod line;
#[cfg(feature = "zeromq")]
mod log;
pub mod message;
mod origins;
pub mod outcomes;
pub mod output;
#[cfg(feature = "zeromq")]
pub mod packages;
#[cfg(feature = "zeromq")]
pub mod parent;
mod prepared;
mod program;
mod publisher;
pub mod request;
pub mod runs;
pub mod session;
#[cfg(feature = "zeromq")]
mod signature;
mod stdin;
mod stuck;
#[cfg(any(feature = "evcxr", test))]
mod table;
mod trace;
pub mod websocket;
mod workshop;
#[cfg(feature = "zeromq")]
pub mod zeromq;

pub use kernel::{Kernel, Outbox, QueueFull};
pub use message::{Channel, Message};
pub use prepared::{LookAlikes, Prepared, Unready};
pub use workshop::Workshop;
