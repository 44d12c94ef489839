//! Holds the engine against programs that were not written to test it, and
//! that share nothing with what they test.
//!
//! `programs/` holds small whole programs after what people reported, asked
//! and were told; `strangers.toml` says of each what real runs of it were seen
//! to do. The command prints how the engine does on them:
//!
//! ```text
//! cargo run -p outcomes-strangers                            all of them
//! cargo run -p outcomes-strangers -- sleep-then-unpark       one of them
//! cargo run -p outcomes-strangers -- --kind park-token       those of a kind
//! cargo run -p outcomes-strangers -- --details NAME          with all that the engine says
//! ```
//!
//! To add a program, put it into `programs/`, name it in `strangers.toml` with
//! `seen = []`, and let real runs say what it does:
//!
//! ```text
//! cargo run -p outcomes-strangers -- --record NAME
//! ```
//!
//! The test, `cargo test -p outcomes-strangers --test strangers`, fails for
//! whatever is wrong there and not listed as wrong in `strangers.toml`, and for
//! whatever is listed and right.
//!
//! The examples in [`documentation`] are such programs too:
//!
//! ```text
//! cargo run -p outcomes-strangers --bin documentation                  a table of all of them
//! cargo run -p outcomes-strangers --bin documentation -- mpsc.rs       some of them
//! cargo run -p outcomes-strangers --bin documentation -- --program 'lazy_lock.rs force_mut 1'
//! ```

#![forbid(unsafe_code)]

pub mod documentation;
pub mod originals;
pub mod programs;
pub mod record;
pub mod verdict;
