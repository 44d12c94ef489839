// try_write never waits, so it holds back no reader.
use std::sync::RwLock;
use std::thread;

fn main() {
    let lock = RwLock::new(0);
    let reading = lock.read().unwrap();
    thread::scope(|s| {
        s.spawn(|| println!("write {}", lock.try_write().is_ok()));
        s.spawn(|| println!("read {}", lock.try_read().is_ok()));
    });
    drop(reading);
}
