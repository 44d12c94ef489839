//! Nothing: the code is in the book, and only what it depends on counts.
