//! A listing made into a program that answers questions about its outcomes,
//! as the book's command does it: the file, and one line behind it.

include!("../../../../../listings/examples/two-threads.rs");

::std::program!(main);
