use crossbeam_channel::tick;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();
    let may = tick(Duration::from_millis(200));

    for request in 1..=3 {
        may.recv().unwrap();
        println!(
            "request {request} after {:.1} s",
            start.elapsed().as_secs_f32()
        );
    }
}
