use crossbeam_channel::{Sender, bounded};
use std::thread;

fn count(sender: Sender<u32>) {
    for number in 1.. {
        if sender.send(number).is_err() {
            println!("nobody wants {number}");
            return;
        }
    }
}

fn main() {
    let (sender, numbers) = bounded(1);
    let counting = thread::spawn(move || count(sender));

    for number in numbers.iter().take(2) {
        println!("{number}");
    }
    drop(numbers);
    counting.join().unwrap();
}
