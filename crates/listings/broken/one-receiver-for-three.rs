use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(0);

    for id in 1..=3 {
        let receiver = receiver.clone();
        thread::spawn(move || {
            for number in receiver {
                println!("{id}: read {number} from channel");
            }
        });
    }

    for number in 1..=5 {
        sender.send(number).unwrap();
    }
}
