// sync_channel(0): whoever sends waits by parking.
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

fn main() {
    let (tx, rx) = sync_channel(0);
    let sender = thread::spawn(move || {
        tx.send(1).unwrap();
        println!("sent");
        thread::park();
        println!("woken");
    });
    thread::sleep(Duration::from_millis(20));
    sender.thread().unpark();
    thread::sleep(Duration::from_millis(20));
    rx.recv().unwrap();
    sender.join().unwrap();
}
