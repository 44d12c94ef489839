use crossbeam_channel::unbounded;
use std::panic;
use std::thread;

fn share(pieces: u32, people: u32) -> u32 {
    pieces / people
}

fn main() {
    let (sender, people) = unbounded();
    for number in [3, 0, 4] {
        sender.send(number).unwrap();
    }
    drop(sender);

    let worker = thread::spawn(move || {
        for number in people {
            match panic::catch_unwind(|| share(12, number)) {
                Ok(each) => println!("{number} people: {each} pieces each"),
                Err(_) => println!("{number} people: that didn't work"),
            }
        }
    });
    worker.join().unwrap();
}
