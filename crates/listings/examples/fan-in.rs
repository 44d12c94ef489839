use crossbeam_channel::{Receiver, bounded};
use std::thread;

fn say(name: &'static str) -> Receiver<String> {
    let (sender, receiver) = bounded(0);
    thread::spawn(move || {
        for number in 1..=2 {
            sender.send(format!("{name} {number}")).unwrap();
        }
    });
    receiver
}

fn merge(inputs: Vec<Receiver<String>>) -> Receiver<String> {
    let (sender, receiver) = bounded(0);
    for input in inputs {
        let sender = sender.clone();
        thread::spawn(move || {
            for word in input {
                sender.send(word).unwrap();
            }
        });
    }
    receiver
}

fn main() {
    for word in merge(vec![say("Pam"), say("Jim")]) {
        println!("{word}");
    }
}
