// Whoever waits, each lets go in the end.
use std::sync::RwLock;
use std::thread;

fn main() {
    let list = RwLock::new(Vec::new());
    thread::scope(|s| {
        s.spawn(|| list.write().unwrap().push(1));
        s.spawn(|| println!("{}", list.read().unwrap().len()));
        s.spawn(|| list.write().unwrap().push(2));
    });
    println!("{:?}", list.read().unwrap());
}
