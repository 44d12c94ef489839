use std::sync::Mutex;
use std::thread;

fn main() {
    let count = Mutex::new(0);

    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                let mut count = count.lock().unwrap();
                *count += 1;
            });
        }
    });

    println!("counted to {}", count.into_inner().unwrap());
}
