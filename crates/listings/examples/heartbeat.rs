use crossbeam_channel::{after, select, tick};
use std::time::Duration;

fn main() {
    let heart = tick(Duration::from_millis(100));
    let end = after(Duration::from_millis(350));

    loop {
        select! {
            recv(heart) -> _ => println!("beat"),
            recv(end) -> _ => break,
        }
    }
    println!("the end");
}
