// One deadline for a whole loop, by Instant and recv_timeout.
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let (tx, rx) = channel();
    thread::spawn(move || {
        for n in 1.. {
            thread::sleep(Duration::from_millis(100));
            if tx.send(n).is_err() {
                return;
            }
        }
    });
    let deadline = Instant::now() + Duration::from_millis(250);
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        match rx.recv_timeout(left) {
            Ok(n) => println!("got {n}"),
            Err(error) => println!("{error}"),
        }
        if left < Duration::from_millis(100) {
            break;
        }
    }
}
