use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, receiver) = bounded::<u32>(0);

    let numbers = receiver.clone();
    let reading = thread::spawn(move || {
        println!("thread: receiving");
        println!("thread: received {}", numbers.recv().unwrap());
    });

    println!("main: receiving, where it meant to send");
    let number = receiver.recv().unwrap();
    sender.send(number).unwrap();
    reading.join().unwrap();
}
