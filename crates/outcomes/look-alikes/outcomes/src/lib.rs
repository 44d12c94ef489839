//! Looks like the crate `outcomes`, by which a program says what it can print, and tells
//! the engine that explores schedules.

#![forbid(unsafe_code)]

mod macros;

pub use outcomes_macros::test;

/// What the macros call.
#[doc(hidden)]
pub mod expected {
    use outcomes_engine::Expectation;
    use outcomes_engine::model::{expect, without_operations};
    use std::fmt::Arguments;
    pub use std::format_args;
    use std::panic::Location;

    /// As a refusal says it. The original looks at nothing.
    const NO_OPERATIONS: &str = "what it says of its outcomes shows a lock, an atomic or something \
                                 else that threads can share; show a value in its place";

    #[track_caller]
    pub fn possible(text: Arguments<'_>) {
        told(Expectation::Possible, text);
    }

    #[track_caller]
    pub fn impossible(text: Arguments<'_>) {
        told(Expectation::Impossible, text);
    }

    #[track_caller]
    pub fn outputs(count: u128) {
        expect(&Expectation::Outputs(count), Location::caller());
    }

    #[track_caller]
    fn told(expectation: fn(String) -> Expectation, text: Arguments<'_>) {
        let at = Location::caller();
        without_operations(NO_OPERATIONS, Some(at), || {
            expect(&expectation(text.to_string()), at);
        });
    }
}
