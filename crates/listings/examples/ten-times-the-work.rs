use std::hint::black_box;
use std::thread;
use std::time::Instant;

const STEPS: u32 = 4_000_000;

fn main() {
    for threads in [1, 8, 1_000] {
        let (less, more) = (share(threads, STEPS), share(threads, 10 * STEPS));
        println!("{threads} at work: {less:.1} ms, ten times as much: {more:.1} ms");
    }
}

fn share(threads: u32, steps: u32) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(steps / threads));
        }
    });
    start.elapsed().as_secs_f64() * 1000.0
}

fn work(steps: u32) {
    for step in 0..steps {
        black_box(step);
    }
}
