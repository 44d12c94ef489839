//! Catching panics. The panic hook is the engine's, so setting it is missing.

use outcomes_engine::model;
use std::any::Any;

pub use std::panic::{
    AssertUnwindSafe, Location, PanicHookInfo, RefUnwindSafe, UnwindSafe, panic_any,
};

/// Runs `run`, and returns what it panicked with if it did.
///
/// # Errors
/// What it panicked with.
pub fn catch_unwind<F, R>(run: F) -> std::thread::Result<R>
where
    F: FnOnce() -> R + UnwindSafe,
{
    let result = std::panic::catch_unwind(run);
    if result.is_err() {
        model::panic_caught();
    }
    result
}

/// Panics with this, without saying so.
pub fn resume_unwind(payload: Box<dyn Any + Send>) -> ! {
    model::panic_started();
    std::panic::resume_unwind(payload)
}
