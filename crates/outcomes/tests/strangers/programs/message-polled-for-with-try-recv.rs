// A loop around try_recv that yields, and one sender.
use std::sync::mpsc::{channel, TryRecvError};
use std::thread;

fn main() {
    let (tx, rx) = channel();
    thread::spawn(move || tx.send("hello").unwrap());
    loop {
        match rx.try_recv() {
            Ok(word) => println!("{word}"),
            Err(TryRecvError::Empty) => thread::yield_now(),
            Err(TryRecvError::Disconnected) => break,
        }
    }
    println!("closed");
}
