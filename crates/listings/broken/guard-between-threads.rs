use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Mutex::new(10);

    thread::scope(|scope| {
        let guard = balance.lock().unwrap();
        scope.spawn(move || println!("{} in the bank", *guard));
    });
}
