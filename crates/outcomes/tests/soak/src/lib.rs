//! Holds the engine against brute force and against real executions.
//!
//! What is built here against the originals is built in `outcomes-programs`
//! against the look-alikes, from the same files.

#![forbid(unsafe_code)]

pub mod brute_force;
pub mod delays;
pub mod files;
pub mod labels;
pub mod membership;
pub mod one_by_one;
pub mod public_items;
pub mod real;
mod stuck;
pub mod traces;

use outcomes_engine::{Exploration, Message, Request, Settings};

/// Explores a modelled program.
///
/// # Errors
/// Says why it can't be explored.
pub fn explore(main: &dyn Fn() -> i32, settings: &Settings) -> Result<Exploration, String> {
    let program = outcomes_std::program::program(main);
    outcomes_engine::explore(&program, settings, &mut |_| {}).map_err(|refused| refused.to_string())
}

/// A request as a modelled program reads it.
///
/// # Panics
/// Never: requests are plain data.
pub fn to_json(request: &Request) -> String {
    serde_json::to_string(request).expect("plain data")
}

/// A message as a modelled program writes it.
///
/// # Panics
/// If it isn't one.
pub fn from_json(line: &str) -> Message {
    serde_json::from_str(line).expect("a message")
}
