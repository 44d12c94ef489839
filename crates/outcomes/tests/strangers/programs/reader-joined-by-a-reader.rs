// A thread that holds a read lock waits for another that wants one, and a
// writer is in between.
use std::sync::RwLock;
use std::thread;
use std::time::Duration;

static TABLE: RwLock<u32> = RwLock::new(7);

fn main() {
    let mine = TABLE.read().unwrap();
    let writer = thread::spawn(|| *TABLE.write().unwrap() += 1);
    thread::sleep(Duration::from_millis(10));
    let reader = thread::spawn(|| *TABLE.read().unwrap());
    println!("reader saw {}", reader.join().unwrap());
    drop(mine);
    writer.join().unwrap();
}
