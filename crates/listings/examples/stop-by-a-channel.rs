use crossbeam_channel::{Receiver, Sender, bounded, select};
use std::thread;

fn count(sender: Sender<u32>, stop: Receiver<()>) {
    for number in 1.. {
        select! {
            send(sender, number) -> sent => sent.unwrap(),
            recv(stop) -> _ => {
                println!("stopped before {number}");
                return;
            }
        }
    }
}

fn main() {
    let (sender, numbers) = bounded(0);
    let (running, stop) = bounded(0);
    let counting = thread::spawn(move || count(sender, stop));

    for number in numbers.iter().take(2) {
        println!("{number}");
    }
    drop(running);
    counting.join().unwrap();
}
