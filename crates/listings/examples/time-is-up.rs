use crossbeam_channel::after;
use std::time::Duration;

fn main() {
    after(Duration::from_millis(500)).recv().unwrap();
    println!("time is up");
}
