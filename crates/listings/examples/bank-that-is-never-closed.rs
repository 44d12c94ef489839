use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::thread;

enum Request {
    PayIn(u32),
    Balance(Sender<u32>),
}

fn bank(requests: Receiver<Request>) {
    let mut balance = 0;
    for request in requests {
        match request {
            Request::PayIn(amount) => balance += amount,
            Request::Balance(reply) => {
                let _ = reply.send(balance);
            }
        }
    }
}

fn main() {
    let (bank_sender, requests) = unbounded();
    let bank = thread::spawn(move || bank(requests));

    let pam = bank_sender.clone();
    let pam = thread::spawn(move || {
        pam.send(Request::PayIn(10)).unwrap();
        pam.send(Request::PayIn(20)).unwrap();
    });

    let (reply, balance) = bounded(1);
    bank_sender.send(Request::Balance(reply)).unwrap();
    println!("the balance is {}", balance.recv().unwrap());

    pam.join().unwrap();
    bank.join().unwrap();
}
