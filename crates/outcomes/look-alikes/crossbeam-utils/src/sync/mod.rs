//! What threads wait by.

mod parker;
mod wait_group;

pub use parker::{Parker, Unparker};
pub use wait_group::WaitGroup;
