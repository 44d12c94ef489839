//! The book's listings, unedited.

use std::process::{ExitCode, Termination};

/// A listing with its name, and its `main` with the exit code as its result.
pub type Listing = (&'static str, fn() -> i32);

fn exit_code(result: impl Termination) -> i32 {
    i32::from(result.report() != ExitCode::SUCCESS)
}

macro_rules! listings {
    ($($module:ident: $name:literal,)*) => {
        $(
            #[allow(dead_code, unreachable_pub, reason = "it is a program of its own")]
            mod $module {
                include!(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/../../../listings/examples/",
                    $name,
                    ".rs"
                ));

                pub(super) fn exit_code_of_main() -> i32 {
                    super::exit_code(main())
                }
            }
        )*

        /// Every listing that can be built modelled.
        pub const ALL: &[Listing] = &[$(($name, $module::exit_code_of_main),)*];
    };
}

// Written by the build script: every program in the listings' folder.
include!(concat!(env!("OUT_DIR"), "/listings.rs"));
