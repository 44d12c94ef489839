// A spin lock that is never let go: does it end?
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
static LOCKED: AtomicBool = AtomicBool::new(false);
fn main() {
    let t = thread::spawn(|| {
        while LOCKED.swap(true, SeqCst) {
            thread::yield_now()
        }
        println!("in");
        let _leak: u32 = "x".parse().unwrap();
        LOCKED.store(false, SeqCst);
    });
    while LOCKED.swap(true, SeqCst) {
        thread::yield_now()
    }
    println!("main in");
    LOCKED.store(false, SeqCst);
    let _ = t.join();
    println!("end");
}
