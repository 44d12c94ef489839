use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let mut workers = Vec::new();
    for id in 1..=2 {
        let receiver = receiver.clone();
        workers.push(thread::spawn(move || print_numbers(id, receiver)));
    }
    drop(receiver);

    generate_numbers(3, sender);

    println!("Waiting for workers to finish...");
    for worker in workers {
        worker.join().unwrap();
    }
    println!("Done!");
}

fn generate_numbers(total: u32, numbers: Sender<u32>) {
    for number in 1..=total {
        println!("sending {number} to channel");
        numbers.send(number).unwrap();
    }
}

fn print_numbers(id: u32, numbers: Receiver<u32>) {
    for number in numbers {
        println!("{id}: read {number} from channel");
    }
}
