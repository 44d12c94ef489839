use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static STOP: AtomicBool = AtomicBool::new(false);

fn read() {
    for page in 1..=3 {
        if STOP.load(Ordering::SeqCst) {
            println!("stopped before page {page}");
            return;
        }
        println!("page {page}");
    }
    println!("read to the end");
}

fn main() {
    let reading = thread::spawn(read);
    STOP.store(true, Ordering::SeqCst);
    reading.join().unwrap();
}
