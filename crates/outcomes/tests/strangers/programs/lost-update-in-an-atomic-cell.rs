use crossbeam_utils::atomic::AtomicCell;
use std::thread;
fn main() {
    let a = AtomicCell::new(0);
    thread::scope(|s| {
        s.spawn(|| a.store(a.load() + 1));
        a.store(a.load() + 1);
    });
    println!("{}", a.load());
}
