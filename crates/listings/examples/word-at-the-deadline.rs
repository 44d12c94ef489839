use crossbeam_channel::{at, select, unbounded};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let (sender, words) = unbounded();
    thread::spawn(move || {
        for word in ["one", "two"] {
            thread::sleep(Duration::from_millis(100));
            if sender.send(word).is_err() {
                return;
            }
        }
    });

    let deadline = at(Instant::now() + Duration::from_millis(200));
    for _ in 0..2 {
        select! {
            recv(words) -> word => println!("{}", word.unwrap()),
            recv(deadline) -> _ => return println!("time is up"),
        }
    }
}
