//! The `interleaved` command.

fn main() {}
