use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Mutex::new(10);

    thread::scope(|scope| {
        scope.spawn(|| println!("{} in the bank", *balance.lock().unwrap()));
    });
}
