// awslabs/shuttle#74, rust-lang/rust#147885: wait_timeout always ends, but why?
use std::sync::{Condvar, Mutex};
use std::time::Duration;
fn main() {
    let lock = Mutex::new(false);
    let changed = Condvar::new();
    let guard = lock.lock().unwrap();
    let (guard, result) = changed
        .wait_timeout(guard, Duration::from_millis(5))
        .unwrap();
    println!("{} {}", *guard, result.timed_out());
    let (guard, result) = changed
        .wait_timeout_while(guard, Duration::from_millis(5), |ready| !*ready)
        .unwrap();
    println!("{} {}", *guard, result.timed_out());
}
