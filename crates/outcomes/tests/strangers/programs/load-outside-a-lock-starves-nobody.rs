use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::sync::Mutex;
use std::thread;
fn main() {
    let m = Mutex::new(false);
    let a = AtomicI32::new(0);
    thread::scope(|s| {
        s.spawn(|| *m.lock().unwrap() = true);
        loop {
            a.load(SeqCst);
            let g = m.lock().unwrap();
            if *g {
                break;
            }
        }
    });
    println!("done");
}
