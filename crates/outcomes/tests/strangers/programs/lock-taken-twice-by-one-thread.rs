// Mutex::lock's documentation: locked by the same thread already, it panics or
// never returns.
use std::sync::Mutex;
use std::thread;

fn main() {
    let lock = Mutex::new(0);
    thread::scope(|s| {
        s.spawn(|| println!("beside"));
        let _first = lock.lock().unwrap();
        let _second = lock.lock().unwrap();
        println!("twice");
    });
}
