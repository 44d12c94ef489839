// A read after a write with no downgrade: a writer may come between.
use std::sync::RwLock;
use std::thread;
static N: RwLock<u32> = RwLock::new(0);
fn main() {
    let other = thread::spawn(|| *N.write().unwrap() += 10);
    let mut w = N.write().unwrap();
    *w += 1;
    let one = *w;
    drop(w);
    println!("{}", *N.read().unwrap() == one);
    other.join().unwrap();
}
