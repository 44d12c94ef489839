use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(3);

    let printing = thread::spawn(|| print_numbers(receiver));
    generate_numbers(3, sender);

    println!("Waiting for threads to finish...");
    printing.join().unwrap();
    println!("Done!");
}

fn generate_numbers(total: u32, numbers: Sender<u32>) {
    for number in 1..=total {
        println!("sending {number} to channel");
        numbers.send(number).unwrap();
    }
}

fn print_numbers(numbers: Receiver<u32>) {
    for number in numbers {
        println!("read {number} from channel");
    }
}
