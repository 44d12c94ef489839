use std::hint::black_box;
use std::thread;
use std::time::Instant;

const STEPS: u32 = 4_000_000;

fn main() {
    let cores = thread::available_parallelism().unwrap().get() as u32;
    let alone = share(1);
    let together = share(cores);
    println!("{:.1} times as fast on {cores} cores", alone / together);
}

fn share(threads: u32) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(STEPS / threads));
        }
    });
    start.elapsed().as_secs_f64()
}

fn work(steps: u32) {
    for step in 0..steps {
        black_box(step);
    }
}
