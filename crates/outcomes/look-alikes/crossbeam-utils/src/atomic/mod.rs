//! Atomic cells.

mod atomic_cell;
mod consume;

pub use atomic_cell::AtomicCell;
pub use consume::AtomicConsume;
