// The interruptible ticker: wait_timeout_while as a sleep that can be stopped.
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;
static STOP: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();
fn main() {
    let ticker = thread::spawn(|| {
        let mut stop = STOP.lock().unwrap();
        while !*stop {
            let (again, wait) = CHANGED
                .wait_timeout_while(stop, Duration::from_millis(40), |s| !*s)
                .unwrap();
            stop = again;
            println!("{}", if wait.timed_out() { "tick" } else { "stopped" });
        }
    });
    thread::sleep(Duration::from_millis(60));
    *STOP.lock().unwrap() = true;
    CHANGED.notify_all();
    ticker.join().unwrap();
}
