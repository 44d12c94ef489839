//! Builds one program and runs it as a bounded child process, streaming
//! what happens.
//!
//! It knows no book, no page and no notebook: a program comes in as source
//! text, and events come out. It may use the standard library, rustix and
//! cargo's and rustc's command lines.

pub mod event;
