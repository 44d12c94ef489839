//! The examples in the documentation of std's `sync`, `thread` and `time`, and
//! of crossbeam-channel and crossbeam-utils, taken from the source on this
//! machine.
//!
//! Their authors hold them against the real libraries in every build, so each
//! must be explored, and do on every schedule what it is meant to do, or be
//! refused for a reason that `documentation.toml` calls right. The few that
//! may do something else on some schedule are listed there, too.

pub mod comments;
pub mod examples;
pub mod expected;
pub mod judge;
pub mod sources;
