//! Small programs made from a number, which use whatever is modelled.
//!
//! They are interpreted, so that the same ones can be built against the
//! look-alikes and against the originals.

mod language;
mod making;
mod running;
mod shrinking;

pub use language::{Construct, Dropped, Group, Program, Step, all_names, made_of};
pub use running::run;
