//! Threads that can't go on, in words.

use outcomes_protocol::Blocked;

/// Where a thread stands, and what it waits for.
pub(crate) fn blocked_words(blocked: &Blocked) -> String {
    let words = blocked.to_string();
    // As everybody calls it.
    match words.strip_prefix("thread \"main\" ") {
        Some(rest) if blocked.thread == 0 => format!("main {rest}"),
        _ => words,
    }
}
