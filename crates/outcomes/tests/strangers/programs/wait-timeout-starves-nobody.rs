use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;
fn main() {
    let (m, c) = (Mutex::new(false), Condvar::new());
    thread::scope(|s| {
        s.spawn(|| {
            *m.lock().unwrap() = true;
            c.notify_one();
        });
        let mut g = m.lock().unwrap();
        while !*g {
            g = c.wait_timeout(g, Duration::from_millis(1)).unwrap().0;
        }
    });
    println!("done");
}
