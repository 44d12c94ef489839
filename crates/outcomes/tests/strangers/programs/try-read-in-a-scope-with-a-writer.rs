use std::sync::RwLock;
use std::thread;
use std::time::Duration;
fn main() {
    let l = RwLock::new(0);
    thread::scope(|s| {
        let _a = l.read().unwrap();
        s.spawn(|| *l.write().unwrap() += 1);
        thread::sleep(Duration::from_millis(20));
        println!("{}", l.try_read().is_ok());
        drop(_a);
    });
}
