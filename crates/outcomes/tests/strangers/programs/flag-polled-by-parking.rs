// Nobody unparks it: park_timeout must end by itself, again and again.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

static READY: AtomicBool = AtomicBool::new(false);

fn main() {
    let poll = thread::spawn(|| {
        while !READY.load(SeqCst) {
            thread::park_timeout(Duration::from_millis(20));
        }
        println!("ready");
    });
    thread::sleep(Duration::from_millis(50));
    READY.store(true, SeqCst);
    poll.join().unwrap();
}
