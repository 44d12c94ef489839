//! The program's arguments, of which there are none. Everything else in the
//! original's module depends on the machine, and is missing.

/// No arguments, not even the program's name.
pub type Args = std::iter::Empty<String>;

/// No arguments.
pub fn args() -> Args {
    std::iter::empty()
}
