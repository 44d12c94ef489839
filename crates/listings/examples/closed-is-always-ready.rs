use crossbeam_channel::{Receiver, bounded, select};
use std::thread;

fn count_to_two() -> Receiver<u32> {
    let (sender, receiver) = bounded(0);
    thread::spawn(move || {
        for number in 1..=2 {
            sender.send(number).unwrap();
        }
    });
    receiver
}

fn main() {
    let (left, right) = (count_to_two(), count_to_two());

    let mut open = 2;
    while open > 0 {
        select! {
            recv(left) -> number => match number {
                Ok(number) => println!("left: {number}"),
                Err(_) => open -= 1,
            },
            recv(right) -> number => match number {
                Ok(number) => println!("right: {number}"),
                Err(_) => open -= 1,
            },
        }
    }
    println!("both are closed");
}
