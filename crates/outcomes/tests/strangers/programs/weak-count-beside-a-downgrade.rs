use std::sync::{mpsc, Arc};
use std::thread;
fn main() {
    let a = Arc::new(1);
    let (tx, rx) = mpsc::channel();
    let b = Arc::clone(&a);
    let h = thread::spawn(move || {
        tx.send(()).unwrap();
        let w = Arc::downgrade(&b);
        thread::park_timeout(std::time::Duration::from_millis(3));
        drop(w);
    });
    rx.recv().unwrap();
    println!("{}", Arc::weak_count(&a));
    h.join().unwrap();
}
