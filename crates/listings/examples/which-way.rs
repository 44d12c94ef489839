use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let reading = thread::spawn(|| read_channel(receiver));
    write_channel(sender);
    reading.join().unwrap();
}

fn read_channel(numbers: Receiver<u32>) {
    println!("received {}", numbers.recv().unwrap());
}

fn write_channel(numbers: Sender<u32>) {
    numbers.send(10).unwrap();
}
