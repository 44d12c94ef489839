use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;
static LOCK: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();
fn main() {
    let late = thread::spawn(|| {
        thread::sleep(Duration::from_millis(20));
        *LOCK.lock().unwrap() = true;
        CHANGED.notify_one();
    });
    let guard = LOCK.lock().unwrap();
    let (guard, result) = CHANGED
        .wait_timeout_while(guard, Duration::from_millis(5), |ready| !*ready)
        .unwrap();
    println!("{} {}", *guard, result.timed_out());
    drop(guard);
    late.join().unwrap();
}
