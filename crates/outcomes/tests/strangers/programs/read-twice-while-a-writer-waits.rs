// Reading twice with time in between, so that the writer is sure to wait.
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Duration;
fn main() {
    let list = Arc::new(RwLock::new(vec![1, 2]));
    let theirs = Arc::clone(&list);
    let reading = list.read().unwrap();
    let writer = thread::spawn(move || theirs.write().unwrap().push(3));
    thread::sleep(Duration::from_millis(20));
    println!("first read: {}", reading.len());
    println!("second read: {}", list.read().unwrap().len());
    drop(reading);
    writer.join().unwrap();
}
