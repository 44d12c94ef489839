use crossbeam_channel::{Receiver, bounded, never, select};
use std::thread;

fn count_to_three() -> Receiver<u32> {
    let (sender, receiver) = bounded(0);
    thread::spawn(move || {
        for number in 1..=3 {
            sender.send(number).unwrap();
        }
    });
    receiver
}

fn main() {
    let (mut left, mut right) = (count_to_three(), count_to_three());

    let mut open = 2;
    while open > 0 {
        select! {
            recv(left) -> number => match number {
                Ok(number) => println!("left: {number}"),
                Err(_) => {
                    left = never();
                    open -= 1;
                }
            },
            recv(right) -> number => match number {
                Ok(number) => println!("right: {number}"),
                Err(_) => {
                    right = never();
                    open -= 1;
                }
            },
        }
    }
    println!("both are closed");
}
