// The example of crossbeam's tick and after, with lines in place of times.
use crossbeam_channel::{after, select, tick};
use std::time::Duration;

fn main() {
    let ticker = tick(Duration::from_millis(100));
    let timeout = after(Duration::from_millis(350));
    loop {
        select! {
            recv(ticker) -> _ => println!("tick"),
            recv(timeout) -> _ => break,
        }
    }
    println!("time is up");
}
