// crossbeam's select! waits by parking.
use crossbeam_channel::{select, unbounded};
use std::thread;
use std::time::Duration;

fn main() {
    let (tx, rx) = unbounded();
    let (_other, none) = unbounded::<u32>();
    let chooser = thread::spawn(move || {
        select! {
            recv(rx) -> n => println!("{n:?}"),
            recv(none) -> _ => println!("none"),
        }
        thread::park();
        println!("woken");
    });
    thread::sleep(Duration::from_millis(20));
    chooser.thread().unpark();
    thread::sleep(Duration::from_millis(20));
    tx.send(1).unwrap();
    chooser.join().unwrap();
}
