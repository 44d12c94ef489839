use crossbeam_channel::{SendError, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let counting_down = thread::spawn(move || {
        for number in (-3..=2).rev() {
            if let Err(SendError(number)) = sender.send(number) {
                println!("nobody wants {number}");
                break;
            }
        }
    });

    for number in receiver {
        println!("received {number}");
        if number < 1 {
            break;
        }
    }
    counting_down.join().unwrap();
}
