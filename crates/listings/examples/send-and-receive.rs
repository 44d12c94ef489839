use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    thread::spawn(move || sender.send(10).unwrap());

    let number = receiver.recv().unwrap();
    println!("received {number}");
}
