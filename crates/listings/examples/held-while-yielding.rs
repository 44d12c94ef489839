use std::sync::Mutex;
use std::thread;

fn main() {
    let count = Mutex::new(0);

    thread::scope(|scope| {
        scope.spawn(|| add_one(&count));
        scope.spawn(|| add_one(&count));
    });

    println!("counted to {}", count.into_inner().unwrap());
}

fn add_one(count: &Mutex<u32>) {
    let mut count = count.lock().unwrap();
    let seen = *count;
    thread::yield_now();
    *count = seen + 1;
}
