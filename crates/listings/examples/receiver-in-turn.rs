use std::sync::{Arc, Mutex, mpsc};
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let receiver = Arc::new(Mutex::new(receiver));

    let mut workers = Vec::new();
    for id in 1..=3 {
        let receiver = Arc::clone(&receiver);
        workers.push(thread::spawn(move || {
            while let Some(number) = next(&receiver) {
                println!("{id}: read {number} from channel");
            }
        }));
    }
    drop(receiver);

    for number in 1..=5 {
        sender.send(number).unwrap();
    }
    drop(sender);
    for worker in workers {
        worker.join().unwrap();
    }
}

fn next(receiver: &Mutex<mpsc::Receiver<u32>>) -> Option<u32> {
    receiver.lock().unwrap().recv().ok()
}
