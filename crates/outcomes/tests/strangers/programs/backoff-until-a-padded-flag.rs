use crossbeam_utils::{Backoff, CachePadded};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
fn main() {
    let f = CachePadded::new(AtomicBool::new(false));
    thread::scope(|s| {
        s.spawn(|| f.store(true, SeqCst));
        let b = Backoff::new();
        while !f.load(SeqCst) {
            b.snooze();
        }
    });
    println!("done");
}
