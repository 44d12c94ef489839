// An error that main returns is shown on standard error, and the code is 1.
use std::sync::mpsc::{channel, RecvError};
use std::thread;

fn main() -> Result<(), RecvError> {
    let (tx, rx) = channel();
    thread::spawn(move || tx.send(1).unwrap());
    println!("{}", rx.recv()?);
    println!("{}", rx.recv()?);
    Ok(())
}
