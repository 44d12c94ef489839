//! The program's arguments and environment, as far as whoever explores it has said
//! what they are. What else depends on the machine is refused when it is asked for.

use outcomes_engine::model;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::iter::FusedIterator;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

pub use std::env::{JoinPathsError, SplitPaths, VarError, consts, join_paths, split_paths};

macro_rules! arguments {
    ($(#[$about:meta])* $name:ident: $item:ty) => {
        $(#[$about])*
        pub struct $name(IntoIter<$item>);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let inner = self.0.as_slice();
                f.debug_struct(stringify!($name)).field("inner", &inner).finish()
            }
        }

        impl Iterator for $name {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl ExactSizeIterator for $name {}
        impl FusedIterator for $name {}

        impl DoubleEndedIterator for $name {
            fn next_back(&mut self) -> Option<$item> {
                self.0.next_back()
            }
        }
    };
}

arguments! {
    /// The program's name and its arguments.
    Args: String
}

arguments! {
    /// The program's name and its arguments.
    ArgsOs: OsString
}

fn all_arguments<T: From<String>>() -> IntoIter<T> {
    let name = std::iter::once("program".to_owned());
    let arguments = (0..).map_while(model::argument);
    let all: Vec<T> = name.chain(arguments).map(T::from).collect();
    all.into_iter()
}

/// The program's name and its arguments.
pub fn args() -> Args {
    Args(all_arguments())
}

/// The program's name and its arguments.
pub fn args_os() -> ArgsOs {
    ArgsOs(all_arguments())
}

/// All variables: never given.
#[derive(Debug)]
pub enum Vars {}

/// All variables: never given.
#[derive(Debug)]
pub enum VarsOs {}

impl Iterator for Vars {
    type Item = (String, String);

    fn next(&mut self) -> Option<(String, String)> {
        match *self {}
    }
}

impl Iterator for VarsOs {
    type Item = (OsString, OsString);

    fn next(&mut self) -> Option<(OsString, OsString)> {
        match *self {}
    }
}

fn variable(key: &OsStr, at: &'static Location<'static>) -> Option<String> {
    let known = key.to_str().and_then(model::variable);
    known.unwrap_or_else(|| {
        let reason = format!(
            "it reads the environment variable {key:?}, which is up to who runs it; with a value \
             in its place, or in `cargo outcomes --env`, it can be explored"
        );
        model::refuse(&reason, at)
    })
}

/// What a variable holds, if whoever explores the program has said so. Else the program
/// is refused.
///
/// # Errors
/// If it is said not to be set.
#[track_caller]
pub fn var<K: AsRef<OsStr>>(key: K) -> Result<String, VarError> {
    variable(key.as_ref(), Location::caller()).ok_or(VarError::NotPresent)
}

/// What a variable holds, if whoever explores the program has said so. Else the program
/// is refused.
#[track_caller]
pub fn var_os<K: AsRef<OsStr>>(key: K) -> Option<OsString> {
    variable(key.as_ref(), Location::caller()).map(OsString::from)
}

macro_rules! refused {
    ($($(#[$about:meta])* $name:ident($($argument:ty)?) -> $result:ty: $what:literal;)*) => { $(
        #[doc = concat!("The program is refused, since it ", $what, ".")]
        $(#[$about])*
        #[track_caller]
        pub fn $name($(_: $argument)?) -> $result {
            model::refuse(
                concat!("it ", $what, ", which is another on every machine"),
                Location::caller(),
            )
        }
    )* };
}

refused! {
    vars() -> Vars: "reads all environment variables";
    vars_os() -> VarsOs: "reads all environment variables";
    /// # Errors
    /// Never.
    current_dir() -> io::Result<PathBuf>: "asks which folder it runs in";
    /// # Errors
    /// Never.
    current_exe() -> io::Result<PathBuf>: "asks which file it is";
    home_dir() -> Option<PathBuf>: "asks for a home folder";
    temp_dir() -> PathBuf: "asks for a folder for temporary files";
}

/// Never changes the folder: the program is refused.
///
/// # Errors
/// Never.
#[track_caller]
pub fn set_current_dir<P: AsRef<Path>>(_: P) -> io::Result<()> {
    model::refuse(
        "it changes the folder that it runs in, which is the machine's",
        Location::caller(),
    )
}

fn refuse_change(at: &'static Location<'static>) -> ! {
    model::refuse(
        "it changes the environment variables of the whole process",
        at,
    )
}

/// Never changes a variable: the program is refused.
///
/// # Safety
/// Always given.
#[track_caller]
#[allow(unsafe_code, reason = "the original's is unsafe to call")]
pub unsafe fn set_var<K: AsRef<OsStr>, V: AsRef<OsStr>>(_: K, _: V) {
    refuse_change(Location::caller())
}

/// Never removes a variable: the program is refused.
///
/// # Safety
/// Always given.
#[track_caller]
#[allow(unsafe_code, reason = "the original's is unsafe to call")]
pub unsafe fn remove_var<K: AsRef<OsStr>>(_: K) {
    refuse_change(Location::caller())
}
