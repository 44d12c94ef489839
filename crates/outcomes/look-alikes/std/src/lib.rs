//! Looks like the standard library, and runs on the engine that explores
//! schedules.
//!
//! A program is compiled against it under the name `std`: in Cargo by
//! `std = { package = "outcomes-std", … }`, by hand with
//! `rustc --extern std=…`. What has to do with threads, time and printing is
//! modelled here, in modules named like the original's; everything else is
//! the original. What would be wrong to pass through is missing, so that a
//! program that uses it does not compile: files, the network, other
//! processes, standard input, the time of day, and chance. Programs come to the
//! original's `core` and `alloc` by way of `outcomes-core` and
//! `outcomes-alloc`, which leave out what would go past the engine.
//!
//! A program file becomes one that can be explored by [`program!`].

#![deny(unsafe_code)]
// See `build.rs`.
#![cfg_attr(
    knows_types,
    feature(const_eval_select, const_type_name, core_intrinsics)
)]
#![cfg_attr(
    knows_types,
    allow(internal_features, reason = "what a type is called")
)]
#![cfg_attr(
    own_pointers,
    feature(
        arbitrary_self_types,
        clone_to_uninit,
        coerce_unsized,
        dispatch_from_dyn,
        dropck_eyepatch,
        legacy_receiver_trait,
        unsize
    )
)]
#![cfg_attr(
    any(pin_coerce_unsized, pin_safe_pointer),
    feature(pin_coerce_unsized_trait)
)]
// The original still has modules named like the numbers' types.
#![allow(clippy::legacy_numeric_constants)]

pub mod any;
pub mod collections;
pub mod env;
pub mod hash;
pub mod hint;
pub mod io;
#[allow(unsafe_code, reason = "values that are dropped while they are used")]
mod local;
mod macros;
pub mod mem;
pub mod panic;
pub mod prelude;
pub mod process;
#[doc(hidden)]
pub mod program;
pub mod sync;
#[allow(unsafe_code, reason = "a waker is a pointer")]
pub mod task;
pub mod thread;
pub mod time;

pub use std::{
    array, ascii, borrow, boxed, cell, char, clone, cmp, convert, default, error, f32, f64, fmt,
    future, iter, marker, num, ops, option, pin, primitive, ptr, rc, result, slice, str, string,
    vec,
};
#[allow(deprecated, reason = "the original has them")]
pub use std::{i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize};

pub use std::{
    assert, assert_eq, assert_ne, cfg, column, compile_error, concat, debug_assert,
    debug_assert_eq, debug_assert_ne, file, format, format_args, include, include_bytes,
    include_str, line, matches, module_path, option_env, stringify, todo, unimplemented,
    unreachable, write, writeln,
};

// What newer originals have; see `build.rs`.
#[cfg(has_assert_matches)]
pub use std::assert_matches;
#[cfg(has_cfg_select)]
pub use std::cfg_select;
#[cfg(has_debug_assert_matches)]
pub use std::debug_assert_matches;
#[cfg(has_range)]
pub use std::range;

/// Macros that share their name with a module of ours: what comes by `*` only
/// fills the gaps.
mod macros_named_like_modules {
    pub use std::{env, panic};
}

pub use macros_named_like_modules::*;
