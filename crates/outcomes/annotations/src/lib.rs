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

pub use outcomes_macros::test;

/// Says that there is a schedule under which exactly this is everything that is
/// printed. It is written as for [`println!`]: a line break at the end may be left out.
/// `possible!("")` says that nothing may be printed.
///
/// ```
/// let name = "Pam";
/// outcomes::possible!("hello {name}\nbye");
/// println!("hello {name}\nbye");
/// ```
///
/// [`println!`]: https://doc.rust-lang.org/std/macro.println.html
#[macro_export]
macro_rules! possible {
    ($($text:tt)+) => {
        $crate::expected::possible($crate::expected::format_args!($($text)+))
    };
}

/// Says that there is no such schedule.
///
/// ```
/// outcomes::impossible!("bye\nhello");
/// println!("hello\nbye");
/// ```
#[macro_export]
macro_rules! impossible {
    ($($text:tt)+) => {
        $crate::expected::impossible($crate::expected::format_args!($($text)+))
    };
}

/// Says how many outputs there are, each counted with the way in which it ends. For a
/// test [`macro@test`] says so, too.
///
/// ```
/// outcomes::outputs!(1);
/// println!("hello");
/// ```
#[macro_export]
macro_rules! outputs {
    ($count:expr $(,)?) => {
        $crate::expected::outputs($count)
    };
}

/// What the macros call.
#[doc(hidden)]
pub mod expected {
    use core::fmt::Arguments;
    pub use core::format_args;

    pub fn possible(_: Arguments<'_>) {}

    pub fn impossible(_: Arguments<'_>) {}

    pub fn outputs(_: u128) {}
}
