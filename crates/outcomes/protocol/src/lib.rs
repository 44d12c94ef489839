//! What is asked about a program's outcomes, and what is answered: plain data
//! that travels as JSON between the process that asks and the process that
//! *is* the modelled program.
//!
//! It is apart from the engine, which replaces the global allocator of
//! whatever links it. It may use serde and nothing else.

#![forbid(unsafe_code)]

mod ending;
mod expectation;
mod labels;
mod names;
mod packed;
mod panic;
mod request;
mod schedule;
mod settings;
mod standstill;
mod trace;
mod words;

pub use ending::{Ending, Place};
pub use expectation::{Expectation, Expected};
pub use labels::{Label, Labels, ThreadInfo};
pub use panic::{Panic, PossiblePanic};
pub use request::{
    Answer, Check, Checked, Computing, EdgeData, Ends, GraphData, Membership, Message, NotCounted,
    NotPossible, Output, Progress, Refused, Request, Sample, SoFar, Stopped, Surroundings, Test,
};
pub use schedule::{Schedule, Step, ThreadPath};
pub use settings::{Clock, Limits, Settings};
pub use standstill::{
    Blocked, Contended, Deadlock, End, Holder, Leak, Link, Standstill, Wait, Who,
};
pub use trace::{Event, Lane, ObjectInfo, Position, Trace};
pub use words::{
    counted, duration, in_one_line, with_controls_escaped, with_directions_named, with_separators,
    without_thread_numbers,
};

/// The text of what defines the form of an [`Answer`]: who keeps answers keeps
/// this, or a hash of it, with them, and knows when they are of another form.
pub const SOURCE: &str = concat!(
    include_str!("ending.rs"),
    include_str!("expectation.rs"),
    include_str!("labels.rs"),
    include_str!("packed.rs"),
    include_str!("panic.rs"),
    include_str!("request.rs"),
    include_str!("schedule.rs"),
    include_str!("settings.rs"),
    include_str!("standstill.rs"),
    include_str!("trace.rs"),
);
