//! The Jupyter kernel: messages, cells, sessions.
//!
//! It knows no book: source text comes in as `execute_request`, output goes
//! out as Jupyter messages. Programs are run by `runner`, never linked.
