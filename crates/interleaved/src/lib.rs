//! What the `interleaved` command does, as functions that the tests call too.
