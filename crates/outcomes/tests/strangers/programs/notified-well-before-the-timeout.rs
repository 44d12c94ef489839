// A wait that is notified long before its time is up, by a thread that sleeps.
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

fn main() {
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    thread::scope(|s| {
        s.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            *ready.lock().unwrap() = true;
            changed.notify_all();
        });
        let guard = ready.lock().unwrap();
        let timeout = Duration::from_secs(5);
        let (guard, result) = changed
            .wait_timeout_while(guard, timeout, |ready| !*ready)
            .unwrap();
        println!("ready {}, timed out {}", *guard, result.timed_out());
    });
}
