use std::hint::black_box;
use std::thread;
use std::time::Instant;

const STEPS: u32 = 4_000_000;

fn main() {
    for threads in [1, 2, 4, 8, 16, 64, 256, 1_000, 4_000, 10_000] {
        let start = Instant::now();
        share(threads);
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        println!("{threads:>5} at work: {ms:>7.1} ms");
    }
}

fn share(threads: u32) {
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(STEPS / threads));
        }
    });
}

fn work(steps: u32) {
    for step in 0..steps {
        black_box(step);
    }
}
