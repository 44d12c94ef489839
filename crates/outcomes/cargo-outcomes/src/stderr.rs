//! Lines on stderr. Nobody may read them any more (a closed terminal, `| head`),
//! which `eprintln!` answers with a panic.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Writes a line, if anyone is there to read it.
pub fn say(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}
