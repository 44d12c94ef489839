use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

fn numbers(sender: Sender<u32>) {
    for number in 1.. {
        sender.send(number).unwrap();
    }
}

fn square(numbers: Receiver<u32>, sender: Sender<u32>) {
    for number in numbers {
        sender.send(number * number).unwrap();
    }
}

fn main() {
    let (sender, plain) = bounded(0);
    let (square_sender, squares) = bounded(0);

    thread::scope(|scope| {
        scope.spawn(move || numbers(sender));
        scope.spawn(move || square(plain, square_sender));

        println!("{}", squares.recv().unwrap());
        drop(squares);
    });
}
