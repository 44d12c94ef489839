//! Says in a program, or in a test, what it can print. `cargo outcomes` runs it under
//! every schedule, and holds it to that.
//!
//! ```
//! use std::thread;
//!
//! #[outcomes::test(outputs = 2)]
//! fn two_greet() {
//!     outcomes::possible!("one\ntwo");
//!     outcomes::impossible!("one");
//!     thread::scope(|scope| {
//!         scope.spawn(|| println!("one"));
//!         scope.spawn(|| println!("two"));
//!     });
//! }
//! ```
//!
//! # How it works
//! One run can't tell what is possible: where a program or a test is run as usual,
//! nothing of this does anything. `cargo outcomes` builds it against a look-alike of
//! this crate, in which the same names tell the engine. What is said holds for the
//! program, or the test, as a whole, wherever it is said: it is enough that some
//! schedule gets there.
//!
//! A number in the attribute needs the crate to be called `outcomes` in the manifest.
//! `use outcomes::test` is fine, `use outcomes::*` is not, since then `#[test]` may be
//! either. Attributes need the edition 2018 or later.

#![no_std]
#![forbid(unsafe_code)]

mod macros;

pub use outcomes_macros::test;

/// What the macros call.
#[doc(hidden)]
pub mod expected {
    use core::fmt::Arguments;
    pub use core::format_args;

    pub fn possible(_: Arguments<'_>) {}

    pub fn impossible(_: Arguments<'_>) {}

    pub fn outputs(_: u128) {}
}
