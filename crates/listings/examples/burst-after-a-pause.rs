use crossbeam_channel::{TrySendError, bounded, tick};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();
    let (give, may) = bounded(3);
    for _ in 0..3 {
        give.send(()).unwrap();
    }
    thread::spawn(move || {
        for _ in tick(Duration::from_millis(200)) {
            if let Err(TrySendError::Disconnected(())) = give.try_send(()) {
                return;
            }
        }
    });

    for request in 1..=10 {
        if request == 6 {
            thread::sleep(Duration::from_millis(1100));
        }
        may.recv().unwrap();
        println!(
            "request {request} after {:.1} s",
            start.elapsed().as_secs_f32()
        );
    }
}
