use std::sync::Mutex;
use std::thread;

fn main() {
    let balance = Mutex::new(10);

    let guard = balance.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| println!("{guard} in the bank"));
    });
}
