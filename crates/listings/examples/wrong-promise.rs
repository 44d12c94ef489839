use std::cell::UnsafeCell;
use std::thread;

struct Counter(UnsafeCell<u32>);

// SAFETY: there is nothing that would make this true.
unsafe impl Sync for Counter {}

impl Counter {
    fn add_one(&self) {
        // SAFETY: as little.
        unsafe { *self.0.get() += 1 }
    }
}

fn main() {
    let counter = Counter(UnsafeCell::new(0));

    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..5_000_000 {
                    counter.add_one();
                }
            });
        }
    });

    println!("counted: {}", counter.0.into_inner());
}
