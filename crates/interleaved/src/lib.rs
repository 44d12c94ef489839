//! What the `interleaved` command does, as functions that the tests call too.
//!
//! [`workspace`] finds the book, [`build`] turns it into a site, and [`serve`]
//! shows that on this machine: its static pages from memory, and Jupyter's
//! protocol for the programs that the pages run.

#![forbid(unsafe_code)]

pub mod build;
mod progress;
pub mod serve;
mod watch;
pub mod workspace;
