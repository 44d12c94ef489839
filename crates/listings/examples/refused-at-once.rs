use crossbeam_channel::{TrySendError, bounded, tick};
use std::thread;
use std::time::Duration;

fn main() {
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

    for request in 1..=5 {
        match may.try_recv() {
            Ok(()) => println!("request {request}"),
            Err(_) => println!("request {request} is refused"),
        }
    }
}
