use std::sync::Arc;
use std::thread;
fn main() {
    let a = Arc::new(5);
    let w = Arc::downgrade(&a);
    let h = thread::spawn(move || println!("{:?}", w.upgrade()));
    drop(a);
    h.join().unwrap();
}
