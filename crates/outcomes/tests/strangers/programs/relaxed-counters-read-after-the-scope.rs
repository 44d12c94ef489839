// "is Relaxed enough for a counter that is read after join?" (Stack Overflow
// and many): yes.
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
static HITS: AtomicU32 = AtomicU32::new(0);
static MISSES: AtomicU32 = AtomicU32::new(0);
fn main() {
    thread::scope(|s| {
        for n in 0..3 {
            s.spawn(move || {
                if n == 1 {
                    MISSES.fetch_add(1, Relaxed)
                } else {
                    HITS.fetch_add(1, Relaxed)
                }
            });
        }
    });
    println!("{} {}", HITS.load(Relaxed), MISSES.load(Relaxed));
}
