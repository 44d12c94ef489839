use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::thread;
fn main() {
    let mut h = DefaultHasher::new();
    thread::current().id().hash(&mut h);
    println!("{}", h.finish());
    let mut h = DefaultHasher::new();
    Arc::new(5).hash(&mut h);
    println!("{}", h.finish());
}
