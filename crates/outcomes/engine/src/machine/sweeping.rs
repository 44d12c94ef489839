//! Keeping dead bytes off the stacks, where they would tell equal states apart.

/// How much of the stack is swept, in words: more than the engine's own calls
/// use, unless they ask the system for memory in an unusual way.
const SWEPT: usize = 256;

/// Zeroes the stack below the caller's frame. What calls leave there would
/// else show up in the frames of later calls, in words that nobody has written
/// to yet, and make equal states look different.
#[inline(never)]
pub(super) fn sweep() {
    // By its name, or it would be a constant elsewhere.
    let area = [0_u64; SWEPT];
    std::hint::black_box(&area);
}

/// Runs `run` in a frame of its own on a clean stack, and cleans up after it.
pub(crate) fn swept<R>(run: impl FnOnce() -> R) -> R {
    sweep();
    let result = apart(run);
    sweep();
    result
}

#[inline(never)]
pub(super) fn apart<R>(run: impl FnOnce() -> R) -> R {
    run()
}
