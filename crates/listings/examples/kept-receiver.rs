use crossbeam_channel::{Receiver, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let pieces = receiver.clone();
    thread::spawn(move || share(12, pieces));

    for people in [3, 2, 0, 4] {
        println!("{people} people are coming");
        sender.send(people).unwrap();
    }
    println!("All have been told");
}

fn share(pieces: u32, guests: Receiver<u32>) {
    for people in guests {
        println!("{} pieces each", pieces / people);
    }
}
