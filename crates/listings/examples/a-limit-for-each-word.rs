use crossbeam_channel::{after, select, unbounded};
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, words) = unbounded();
    thread::spawn(move || {
        for word in ["one", "two", "three"] {
            thread::sleep(Duration::from_millis(80));
            if sender.send(word).is_err() {
                return;
            }
        }
    });

    loop {
        select! {
            recv(words) -> word => match word {
                Ok(word) => println!("{word}"),
                Err(_) => break println!("all in time"),
            },
            recv(after(Duration::from_millis(200))) -> _ => break println!("time is up"),
        }
    }
}
