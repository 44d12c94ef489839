use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::thread;

enum Request {
    PayIn(u32),
    Take(u32, Sender<bool>),
}

fn bank(requests: Receiver<Request>) {
    let mut balance = 0;
    for request in requests {
        match request {
            Request::PayIn(amount) => balance += amount,
            Request::Take(amount, reply) => {
                let is_enough = balance >= amount;
                if is_enough {
                    balance -= amount;
                }
                let _ = reply.send(is_enough);
            }
        }
    }
}

fn take(name: &str, bank: &Sender<Request>) {
    let (reply, answer) = bounded(1);
    bank.send(Request::Take(20, reply)).unwrap();
    println!("{name} gets 20: {}", answer.recv().unwrap());
}

fn main() {
    let (bank_sender, requests) = unbounded();
    let bank = thread::spawn(move || bank(requests));
    bank_sender.send(Request::PayIn(30)).unwrap();

    thread::scope(|scope| {
        scope.spawn(|| take("Pam", &bank_sender));
        scope.spawn(|| take("Jim", &bank_sender));
    });

    drop(bank_sender);
    bank.join().unwrap();
}
