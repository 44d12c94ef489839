//! The lints that know std's own types by name, and so not the look-alikes':
//! what they deny compiles modelled.

use std::collections::BTreeSet;

/// What gives a guard.
const LOCKING: [&str; 6] = ["lock", "read", "write", "try_lock", "try_read", "try_write"];

/// What not every operation on an atomic takes.
const ORDERING: [&str; 5] = ["Acquire", "Release", "AcqRel", "fence", "compiler_fence"];

/// Whether rustc may refuse a program for what it does with std's types, which
/// it would not notice of a modelled one: a lock's guard that is dropped at once
/// (`let_underscore_lock`), or an ordering that an operation can't have
/// (`invalid_atomic_ordering`). Only a build with the originals tells.
pub fn may_be_denied(source: &str) -> bool {
    let words = || {
        let words = source.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.filter(|word| !word.is_empty())
    };
    let all: BTreeSet<&str> = words().collect();
    let ignores = words()
        .zip(words().skip(1))
        .any(|pair| pair == ("let", "_"));
    ignores && LOCKING.iter().any(|word| all.contains(word))
        || ORDERING.iter().any(|word| all.contains(word))
}

#[cfg(test)]
mod tests {
    use super::may_be_denied;

    #[test]
    fn what_may_be_denied_is_noticed() {
        for (source, expected) in [
            ("let _ = mutex.lock();", true),
            ("let _=Mutex::lock(&mutex).unwrap();", true),
            ("let _: LockResult<_> = lock\n    .write();", true),
            ("let _guard = mutex.lock();", false),
            ("let _ = thread.join();", false),
            ("count.load(Ordering::Release);", true),
            ("fence(Relaxed);", true),
            ("count.load(Ordering::SeqCst);", false),
        ] {
            assert_eq!(may_be_denied(source), expected, "{source}");
        }
    }
}
