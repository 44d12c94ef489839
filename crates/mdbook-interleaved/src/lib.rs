//! Puts listings into an mdBook: their code, their recorded output, and the
//! page's tools to run them.
//!
//! It knows no kernel: the page speaks to one over Jupyter's protocol.

pub mod listings;
