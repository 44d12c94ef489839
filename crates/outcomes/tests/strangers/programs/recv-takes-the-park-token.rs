// seanmonstar/reqwest#1131, rust-lang/rust#145816: a blocking call in between
// takes the park token.
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
fn main() {
    let (tx, rx) = mpsc::channel();
    let sleeper = thread::spawn(move || {
        let n: u32 = rx.recv().unwrap();
        println!("received {n}");
        thread::park();
        println!("woken");
    });
    thread::sleep(Duration::from_millis(20));
    sleeper.thread().unpark();
    thread::sleep(Duration::from_millis(20));
    tx.send(1).unwrap();
    sleeper.join().unwrap();
}
