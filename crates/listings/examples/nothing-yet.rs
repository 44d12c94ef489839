use crossbeam_channel::{bounded, select};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(1);
    let thread = thread::spawn(move || sender.send("hello").unwrap());

    select! {
        recv(receiver) -> word => println!("received {}", word.unwrap()),
        default => println!("nothing yet"),
    }
    thread.join().unwrap();
}
