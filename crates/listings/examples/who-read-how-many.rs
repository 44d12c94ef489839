use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    let mut workers = Vec::new();
    for _ in 1..=3 {
        let receiver = receiver.clone();
        workers.push(thread::spawn(move || count_numbers(receiver)));
    }
    drop(receiver);

    generate_numbers(3, sender);

    println!("Waiting for workers to finish...");
    let counts: Vec<u32> = workers
        .into_iter()
        .map(|worker| worker.join().unwrap())
        .collect();
    println!("{counts:?}");
}

fn generate_numbers(total: u32, numbers: Sender<u32>) {
    for number in 1..=total {
        numbers.send(number).unwrap();
    }
}

fn count_numbers(numbers: Receiver<u32>) -> u32 {
    numbers.into_iter().map(|_| 1).sum()
}
