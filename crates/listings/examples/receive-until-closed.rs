use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);

    thread::spawn(move || {
        for number in 1..=3 {
            sender.send(number).unwrap();
        }
    });

    for number in receiver {
        println!("received {number}");
    }
    println!("the channel is closed");
}
