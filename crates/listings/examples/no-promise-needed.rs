use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

struct Counter(AtomicU32);

impl Counter {
    fn add_one(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn main() {
    let counter = Counter(AtomicU32::new(0));

    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..10 {
                    counter.add_one();
                }
            });
        }
    });

    println!("counted: {}", counter.0.into_inner());
}
