// Message passing with Release and Acquire, one flag, and plain data behind a
// Mutex that nobody fights for.
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::sync::Mutex;
use std::thread;
static DATA: Mutex<u32> = Mutex::new(0);
static READY: AtomicBool = AtomicBool::new(false);
fn main() {
    let t = thread::spawn(|| {
        while !READY.load(Acquire) {
            std::hint::spin_loop()
        }
        println!("{}", DATA.lock().unwrap());
    });
    *DATA.lock().unwrap() = 42;
    READY.store(true, Release);
    t.join().unwrap();
}
