use crossbeam_channel::{Receiver, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let reading = thread::spawn(|| read_channel(receiver));
    sender.send(10).unwrap();
    reading.join().unwrap();
}

fn read_channel(numbers: Receiver<u32>) {
    numbers.send(10).unwrap();
}
