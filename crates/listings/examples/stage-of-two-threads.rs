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
            sender.send(number * number).unwrap();
        }
    });
    receiver
}

fn square_by_two(numbers: Receiver<u32>) -> Receiver<u32> {
    let (sender, receiver) = bounded(0);
    for _ in 0..2 {
        let (numbers, sender) = (numbers.clone(), sender.clone());
        thread::spawn(move || {
            for number in numbers {
                sender.send(number * number).unwrap();
            }
        });
    }
    receiver
}

fn main() {
    for number in square_by_two(square(numbers())) {
        println!("{number}");
    }
}
