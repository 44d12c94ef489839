use crossbeam_channel::{Receiver, bounded};
use std::thread;

fn numbers() -> Receiver<u32> {
    let (sender, receiver) = bounded(0);
    thread::spawn(move || {
        for number in 1..=3 {
            sender.send(number).unwrap();
        }
    });
    receiver
}

fn square(numbers: Receiver<u32>) -> Receiver<u32> {
    let (sender, receiver) = bounded(0);
    thread::spawn(move || {
        for number in numbers {
            println!("squaring {number}");
            sender.send(number * number).unwrap();
        }
    });
    receiver
}

fn main() {
    for number in square(square(numbers())) {
        println!("{number}");
    }
}
