//! Explores programs: builds one against look-alikes of the libraries that it
//! uses, asks the result what it can do, and reports the answer in words.
//!
//! It knows no book, no page and no notebook. A program comes in as source
//! text; what runs it, and how it is bounded, is the `runner`'s.
//!
//! # How it works
//!
//! A *look-alike* is a package that is named like the original, with `outcomes-`
//! before it. They are in the workspace, and travel inside of this package, too: see
//! [`packages`]. [`Modelled::prepare`] has cargo build those of
//! std and of whatever a package depends on, and [`Modelled::ask`] has rustc
//! link a program with them in place of the originals. All threads of such a
//! program run under a scheduler of the look-alikes' own, so that its process
//! can answer a [`Request`](outcomes_protocol::Request) about everything that
//! the program can do. The engine is in that process, and never in this one.
//!
//! Of what else a package depends on, cargo builds what a program names, as it is:
//! see [`Dependencies`]. It runs past the engine, so that only crates may be named that
//! are known to be the same in every run.

#![forbid(unsafe_code)]

mod advice;
#[cfg(feature = "command")]
pub mod command;
mod dependencies;
pub mod exit;
pub mod interruption;
mod lints;
mod look_alikes;
mod modelled;
pub mod packages;
pub mod progress;
mod rejection;
pub mod report;
pub mod stderr;

pub use advice::{Front, advice};
pub use dependencies::Dependencies;
pub use lints::may_be_denied;
pub use look_alikes::is_original;
pub use modelled::{Modelled, NoAnswer, OwnLibrary};
pub use rejection::missing_crate;
pub use report::Report;
