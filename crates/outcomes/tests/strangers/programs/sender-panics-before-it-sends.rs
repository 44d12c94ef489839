// A panic drops the sender, so whoever receives learns of it.
use std::sync::mpsc::channel;
use std::thread;

fn main() {
    let (tx, rx) = channel::<u32>();
    let thread = thread::spawn(move || {
        let value: u32 = "x".parse().unwrap();
        tx.send(value).unwrap();
    });
    println!("{:?}", rx.recv());
    println!("{}", thread.join().is_err());
}
