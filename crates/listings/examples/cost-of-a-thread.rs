use std::thread;
use std::time::Instant;

const THREADS: u32 = 10_000;

fn main() {
    let start = Instant::now();
    for _ in 0..THREADS {
        thread::spawn(|| {}).join().unwrap();
    }
    let each = start.elapsed() / THREADS;

    println!(
        "a thread that does nothing: {:.1} µs",
        each.as_secs_f64() * 1e6
    );
}
