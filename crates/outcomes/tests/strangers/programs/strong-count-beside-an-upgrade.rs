// An upgrade makes an owner for a while, and others see it.
use std::sync::Arc;
use std::thread;

fn main() {
    let mine = Arc::new(());
    let weak = Arc::downgrade(&mine);
    let thread = thread::spawn(move || {
        let owner = weak.upgrade();
        println!("{}", owner.is_some());
    });
    println!("{}", Arc::strong_count(&mine));
    thread.join().unwrap();
}
