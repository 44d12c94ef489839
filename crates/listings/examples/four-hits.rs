use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static HITS: AtomicU32 = AtomicU32::new(0);

fn hit() {
    let hits = HITS.load(Ordering::SeqCst);
    HITS.store(hits + 1, Ordering::SeqCst);
}

fn main() {
    let other = thread::spawn(|| {
        hit();
        hit();
    });
    hit();
    hit();
    other.join().unwrap();
    println!("{} hits", HITS.load(Ordering::SeqCst));
}
