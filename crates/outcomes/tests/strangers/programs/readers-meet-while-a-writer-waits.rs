// Reader 2 starts while a writer waits: on Linux it queues behind the writer.
use std::sync::{Barrier, RwLock};
use std::thread;
fn main() {
    let l = RwLock::new(0);
    let b = Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| {
            let _a = l.read().unwrap();
            b.wait();
            println!("r1");
        });
        s.spawn(|| {
            let _a = l.read().unwrap();
            b.wait();
            println!("r2");
        });
        s.spawn(|| {
            let _w = l.write().unwrap();
            println!("w");
        });
    });
}
