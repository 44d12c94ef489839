//! What the `interleaved` command does, as functions that the tests call too.
//!
//! [`workspace`] finds the book, [`build`] turns it into a site and
//! [`notebooks`] into a Jupyter notebook for each chapter, [`paper`] makes an EPUB
//! and a PDF of it, and [`serve`] shows the site on this machine: its static pages from memory, and Jupyter's
//! protocol for the programs that the pages run. [`record`] writes down what
//! the listings print, [`add`] writes down what is known of a new one, and
//! [`test`] holds the book against all of that, and all of that against what
//! the programs do under every schedule.

#![forbid(unsafe_code)]

pub mod add;
pub mod browser;
pub mod build;
mod chapters;
mod entry;
pub mod machine;
pub mod notebooks;
pub mod outcomes;
pub mod paper;
pub mod programs;
pub mod record;
pub mod serve;
pub mod test;
mod words;
pub mod workspace;

use cargo_outcomes::progress;
pub use cargo_outcomes::stderr;
