// Try_read while a reader reads and a writer waits.
use std::sync::RwLock;
use std::thread;
use std::time::Duration;
static LOCK: RwLock<u32> = RwLock::new(1);
fn main() {
    let mine = LOCK.read().unwrap();
    let writer = thread::spawn(|| *LOCK.write().unwrap() += 1);
    thread::sleep(Duration::from_millis(20));
    println!("try_read {}", LOCK.try_read().is_ok());
    drop(mine);
    writer.join().unwrap();
}
