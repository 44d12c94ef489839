//! Runs a concurrent program under every schedule, and says what it can
//! print.
//!
//! # How it works
//! A program's threads run as coroutines on one OS thread. Each announces its
//! next *operation*, which is anything another thread may notice: a print, a
//! lock, a send, a join. Whenever every thread is at an operation, the engine
//! chooses one that is ready, lets it happen, and lets the thread run to its
//! next. Between two operations a thread only touches what is its own, so
//! nothing is lost by running it at once.
//!
//! The program's stacks and heaps lie in memory that the engine owns
//! (the `memory` module), so a *state* is bytes: it is named by a
//! 128-bit hash of them, and the engine gets back to it by writing them back.
//! A state that was seen before is not explored again. The result is a
//! [`Graph`] of states, with what was printed on its edges. Equal bytes are
//! equal futures, so merging them loses nothing; bytes that differ without
//! need (a dead variable) only cost time. They are left out of the numbers that
//! are shown, which count what can be told apart ([`Graph::distinct`]).
//!
//! An *output* is what appeared on stdout, together with how the program
//! ended. Many paths print the same, so outputs are counted on the graph made
//! deterministic ([`Graph::outputs`]). Whether a text is among them is
//! answered by walking the graph ([`Graph::find`]), or, where it is too big,
//! by a guided search ([`search`]).
//!
//! # What "possible" means
//! What the documentation of std and crossbeam permits: any waiter may win,
//! a `Condvar` may wake without reason. Atomics are as weak as the program asks
//! for, by RC11 (the `weak_memory` module), where it can tell (the
//! `memory_model` module); if it also looks at something without waiting for it,
//! it is refused then.
//! With [`Clock::Any`] time may pass as it likes; with [`Clock::Prompt`]
//! computing takes no time, sleeping takes exactly what was asked for, and
//! what happens at the same moment happens in any order. On both, a wait that
//! std can't add to the present ([`Duration::MAX`](std::time::Duration::MAX))
//! never ends. On the prompt clock time passes when nobody can go on for a
//! reason, or when those who can have yielded; a thread that could only wake
//! up for no reason doesn't hold it up. A program that yields and looks at the clock
//! until it is late enough, while nobody sleeps, is refused: no time would ever pass.
//!
//! Scheduling is *strongly fair*: who is able to go on again and again goes on
//! some day. Nothing is promised to who is never able, nor between the several
//! things that one thread may do next. A program never ends if there is a fair
//! way to go on forever. Waking up for no reason is no way to go on forever.
//!
//! Where the documentation leaves something open, both ways are possible:
//!
//! - A writer who waits for an `RwLock` that others read may hold back new
//!   readers, so `read` may wait for him, and `try_read` be refused.
//! - The token of `thread::park` may be taken by any other call for which the
//!   thread could wait: a receive, a send, a lock, a join, a print. (A token
//!   that such a call leaves behind is a wake-up without reason.)
//! - When `main` returns, or a thread calls `process::exit`, the values of
//!   that thread's `thread_local!` keys may be dropped first, all of them, or
//!   none. Other threads go on meanwhile; one of them that ends the process
//!   as well has to wait. What they have of their own is never dropped.
//! - A thread that joins itself, or one of several that join each other, may
//!   panic; else they wait forever.
//! - A `Condvar` that is waited for with another mutex than the first may panic.
//!
//! Where it says nothing, the locked versions of the originals decide:
//!
//! - crossbeam's `bounded(n)` with room keeps its messages when the last
//!   receiver goes, until the last sender does; other channels, std's
//!   included, drop them with the last receiver. If the drop of one panics,
//!   the rest are never dropped.
//! - A panic kills the process, as an abort, where it comes out of the drop of
//!   a thread-local value, of what a thread that nobody joins has returned or
//!   panicked with, or of what `main` has panicked with.
//! - `main` has a stack of 8 MB, as on most systems, and a thread one of 2 MB
//!   or of what its `Builder` asks for. To overflow it kills the process, as
//!   an abort. How much a function needs of it is up to the compiler, so a
//!   program that comes close may overflow here and not there.
//!
//! # What it may use
//! This crate knows no file, no process and no page. It replaces the global
//! allocator, and sets a panic hook. One program is explored at a time in a
//! process. A look-alike library is written against [`model`].

#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]

mod channel;
mod explore;
#[allow(unsafe_code, reason = "coroutines, and a memory that is put back")]
mod machine;
#[allow(unsafe_code, reason = "an allocator over memory of its own")]
mod memory;
mod memory_model;
pub mod model;
mod places;
mod program;
mod pulse;
#[allow(unsafe_code, reason = "types that are told at run time")]
mod show;
mod surroundings;
mod trace;
#[allow(unsafe_code, reason = "cells that one thread at a time may open")]
mod try_lock;
mod weak_memory;

pub use explore::{Exploration, NoTrace, explore, explore_and_label, search, trace};
pub use memory::MAX_THREADS;
pub use outcomes_graph::{Distinct, Edge, Graph, Outputs, Target};
pub use outcomes_protocol::*;
pub use program::answer;
pub use pulse::{Watchdog, stop};

/// A program to explore. It must make everything that it changes: only its
/// own stacks, heaps and modelled objects are put back between executions.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// Runs the main thread, and returns the exit code.
    pub main: &'a dyn Fn() -> i32,
    /// Makes what [`model::with_locals`] gives the main thread.
    pub locals: &'a dyn Fn() -> Box<dyn model::Locals>,
}
