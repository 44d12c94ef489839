//! Holds the engine against brute force and against real executions.
//!
//! What is built here against the originals is built in `outcomes-programs`
//! against the look-alikes, from the same files.

#![forbid(unsafe_code)]

pub mod brute_force;
pub mod real;

use outcomes::{Exploration, Settings};

/// Explores a modelled program.
///
/// # Errors
/// Says why it can't be explored.
pub fn explore(main: &dyn Fn() -> i32, settings: &Settings) -> Result<Exploration, String> {
    let program = outcomes_std::program::program(main);
    outcomes::explore(&program, settings, &mut |_| {}).map_err(|refused| refused.to_string())
}
