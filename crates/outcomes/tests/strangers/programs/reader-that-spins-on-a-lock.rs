// A reader takes the lock over and over; the writer comes in some day.
use std::sync::RwLock;
use std::thread;

fn main() {
    let done = RwLock::new(false);
    thread::scope(|s| {
        s.spawn(|| *done.write().unwrap() = true);
        while !*done.read().unwrap() {}
    });
    println!("done");
}
