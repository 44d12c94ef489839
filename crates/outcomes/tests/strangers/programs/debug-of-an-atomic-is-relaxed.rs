use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
static X: AtomicU32 = AtomicU32::new(0);
static Y: AtomicU32 = AtomicU32::new(0);
fn main() {
    let a = thread::spawn(|| {
        X.store(1, SeqCst);
        format!("{Y:?}")
    });
    let b = thread::spawn(|| {
        Y.store(1, SeqCst);
        format!("{X:?}")
    });
    println!("{} {}", a.join().unwrap(), b.join().unwrap());
}
