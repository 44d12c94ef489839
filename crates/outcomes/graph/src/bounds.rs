//! How far to go.

/// What may still be used. Asked again and again, by whoever uses it.
pub trait Bounds {
    /// Whether `more` bytes can be had.
    fn has_memory(&self, more: usize) -> bool;
    /// Whether there is time left.
    fn has_time(&self) -> bool;
}
