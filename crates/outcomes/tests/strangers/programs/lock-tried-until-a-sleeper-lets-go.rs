// Polling with try_lock and yield_now while the owner of the lock sleeps.
use std::sync::mpsc::channel;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

fn main() {
    let lock = Mutex::new(1);
    let (tx, rx) = channel();
    thread::scope(|s| {
        s.spawn(|| {
            let mut value = lock.lock().unwrap();
            tx.send(()).unwrap();
            thread::sleep(Duration::from_millis(30));
            *value = 2;
        });
        rx.recv().unwrap();
        loop {
            if let Ok(value) = lock.try_lock() {
                println!("{value}");
                break;
            }
            thread::yield_now();
        }
    });
}
