// rust-lang/rust#128203, #128219: nobody writes between write and its downgrade
// to read.
use std::sync::{RwLock, RwLockWriteGuard};
use std::thread;
static N: RwLock<u32> = RwLock::new(0);
fn main() {
    let writer = thread::spawn(|| *N.write().unwrap() += 10);
    let reader = thread::spawn(|| *N.read().unwrap());
    let mut guard = N.write().unwrap();
    *guard += 1;
    let one = *guard;
    let guard = RwLockWriteGuard::downgrade(guard);
    println!("{one} {}", *guard);
    println!("reader {}", reader.join().unwrap());
    drop(guard);
    writer.join().unwrap();
    println!("{}", N.read().unwrap());
}
