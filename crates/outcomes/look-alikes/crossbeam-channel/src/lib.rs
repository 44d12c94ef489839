//! Looks like crossbeam-channel, and runs on the engine that explores
//! schedules. Laid out and named like the original; its documentation holds
//! here too. The errors are the original's.
//!
//! What differs: where several operations of a `select!` are ready, or
//! several threads wait for a message, each possibility is explored.

#![deny(unsafe_code)]

mod channel;
mod flavors;
mod select;
mod select_macro;

pub use channel::{
    IntoIter, Iter, Receiver, Sender, TryIter, after, at, bounded, never, tick, unbounded,
};
pub use crossbeam_channel::{
    ReadyTimeoutError, RecvError, RecvTimeoutError, SelectTimeoutError, SendError,
    SendTimeoutError, TryReadyError, TryRecvError, TrySelectError, TrySendError,
};
pub use select::{Select, SelectedOperation};

/// What the macros' expansions need.
#[doc(hidden)]
pub mod internal {
    pub use crate::select::{Wait, choose};
}
