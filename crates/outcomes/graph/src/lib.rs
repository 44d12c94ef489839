//! Every state that a program can be in, what is printed between them, and
//! what follows from that alone: which outputs there are and how many, in
//! order; whether one is among them; where a program never ends; how many states
//! can be told apart.
//!
//! A [`Graph`] is built state by state by whoever runs the program. Here
//! nothing is run: all is walking. A page's script that walks the same graph is
//! held against this crate.
//!
//! It may use the protocol's plain data, and knows nothing of the engine.

#![forbid(unsafe_code)]

mod bisimulation;
mod bounds;
mod components;
mod membership;
mod names;
mod never;
mod outputs;
#[cfg(test)]
mod random;
mod states;
mod ways;

pub use bisimulation::Distinct;
pub use bounds::Bounds;
pub use membership::Expected;
pub use names::{ByName, NameHasher, map_growth};
pub use outputs::Outputs;
pub use states::{Edge, Graph, Target};
