//! What small programs of atomics may do, by the definitions of the memory
//! model alone.
//!
//! A *litmus program* is a few threads of a few accesses each ([`Program`]). An
//! *execution* of it is a graph: its events, and who reads from whom and in
//! which order each location was written. [`enumerate`] tries every such graph
//! and keeps those that the [`Model`] calls consistent: RC11 (Lahav, Vafeiadis,
//! Kang, Hur and Dreyer, *Repairing sequential consistency in C/C++11*,
//! PLDI 2017), with the release sequences of C++20, which Rust has taken over.
//! What threads read and what the locations hold at the end is an [`Outcome`].
//!
//! The command `outcomes-litmus` runs such programs for real, on this processor or
//! on Miri, and looks whether RC11 permits what comes of it.
//!
//! # Invariant
//! This guards the engine, so it shares nothing with it: no states, no views,
//! no steps, only relations as the paper writes them, and `std`. Only the tests
//! know the engine; they run the same programs on it through [`interpreter!`].
//! What guards the guard is in the tests as well: classics with the verdicts of
//! the literature, brute force over interleavings, an operational form without
//! relations, and laws that any memory model must obey.

#![forbid(unsafe_code)]

mod classics;
mod enumerate;
mod execution;
mod interleavings;
mod interpreter;
mod lock_free;
mod model;
mod program;
mod random;
mod relation;

pub use classics::{Answer, Classic, classics};
pub use enumerate::{enumerate, executions, outcomes};
pub use interleavings::interleavings;
pub use model::{Axiom, Model};
pub use program::{Location, Outcome, Program, Read, Step, Value};
pub use random::{Orderings, Shape};
