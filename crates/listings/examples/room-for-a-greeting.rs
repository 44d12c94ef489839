use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, receiver) = bounded(1);

    let sending = thread::spawn(move || {
        println!("sending");
        sender.send("hello").unwrap();
        println!("sent");
    });

    println!("receiving");
    let greeting = receiver.recv().unwrap();
    println!("received {greeting}");
    sending.join().unwrap();
}
