//! Work that waits, on a thread of its own, whether there is room for one now
//! or not.

use cargo_outcomes::stderr::say;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long to wait before trying again to start a thread.
const NO_ROOM: Duration = Duration::from_millis(500);

/// Does something on a thread that may wait. Where the machine has no room for
/// another thread, says so and waits until it has. `None` if it panics.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    // A thread that isn't started takes with it what it was to do.
    let work = Arc::new(Mutex::new(Some(work)));
    let mut said = false;
    loop {
        let (sender, done) = oneshot::channel();
        let theirs = work.clone();
        let run = move || {
            let work = theirs.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(work) = work {
                let _ = sender.send(work());
            }
        };
        match thread::Builder::new().spawn(run) {
            Ok(_) => return done.await.ok(),
            Err(error) => {
                if !said {
                    say(format_args!("warning: no room for another thread: {error}"));
                    said = true;
                }
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_comes_back() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(on_a_thread(|| 1 + 1)), Some(2));
        let panics = on_a_thread(|| -> u8 { panic!("on purpose") });
        assert_eq!(runtime.block_on(panics), None);
    }
}
