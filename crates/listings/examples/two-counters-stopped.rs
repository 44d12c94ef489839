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
    let (other_sender, other_stop) = (sender.clone(), stop.clone());
    let counting = thread::spawn(move || count(sender, stop));
    let other = thread::spawn(move || count(other_sender, other_stop));

    for number in numbers.iter().take(2) {
        println!("{number}");
    }
    drop(running);
    counting.join().unwrap();
    other.join().unwrap();
}
