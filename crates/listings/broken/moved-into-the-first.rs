use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Mutex::new(0);

    let mut threads = Vec::new();
    for amount in [10, 20, 30] {
        threads.push(thread::spawn(move || *balance.lock().unwrap() += amount));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
