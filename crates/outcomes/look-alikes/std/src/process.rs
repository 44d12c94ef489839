//! Ending the process. Starting others is missing.

use outcomes_engine::model;
use std::panic::Location;

pub use std::process::{ExitCode, Termination};

/// Ends the process with this exit code.
#[track_caller]
pub fn exit(code: i32) -> ! {
    model::exit(code, Location::caller())
}

/// Never says which process it is: the program is refused.
#[track_caller]
pub fn id() -> u32 {
    model::refuse(
        "it asks for its process number, which is another each time",
        Location::caller(),
    )
}

/// Kills the process; what stdout holds back is lost.
#[track_caller]
pub fn abort() -> ! {
    model::abort(Location::caller())
}
