// crossbeam's Parker has a token of its own, which nothing else takes.
use crossbeam_utils::sync::Parker;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

fn main() {
    let parker = Parker::new();
    let unparker = parker.unparker().clone();
    let (tx, rx) = channel();
    thread::spawn(move || {
        unparker.unpark();
        thread::sleep(Duration::from_millis(10));
        tx.send(1).unwrap();
    });
    println!("{:?}", rx.recv());
    parker.park();
    println!("parked and woken");
}
