//! What every program sees without asking: the original's prelude, with the
//! macros that print taken from here.
//!
//! The original's prelude holds its own printing macros. What is named
//! explicitly wins over what comes by `*`.

/// The prelude of every edition.
pub mod v1 {
    pub use crate::mem::{align_of, align_of_val, size_of, size_of_val};
    pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    pub use std::prelude::v1::*;
}

/// The prelude of the 2015 edition.
pub mod rust_2015 {
    pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    pub use std::prelude::rust_2015::*;
}

/// The prelude of the 2018 edition.
pub mod rust_2018 {
    pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    pub use std::prelude::rust_2018::*;
}

/// The prelude of the 2021 edition.
pub mod rust_2021 {
    pub use crate::mem::{align_of, align_of_val, size_of, size_of_val};
    pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    pub use std::prelude::rust_2021::*;
}

/// The prelude of the 2024 edition.
pub mod rust_2024 {
    pub use crate::mem::{align_of, align_of_val, size_of, size_of_val};
    pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    pub use std::prelude::rust_2024::*;
}
