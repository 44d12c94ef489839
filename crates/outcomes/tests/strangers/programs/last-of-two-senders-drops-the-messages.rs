// Two senders, and nobody who receives: the last to go drops the messages.
use crossbeam_channel::bounded;
use std::thread;

struct Message(u32);

impl Drop for Message {
    fn drop(&mut self) {
        println!("message {} dropped", self.0);
    }
}

fn main() {
    let (tx, rx) = bounded(2);
    tx.send(Message(1)).unwrap();
    drop(rx);
    let other = tx.clone();
    let thread = thread::spawn(move || {
        println!("{:?}", other.send(Message(2)).is_err());
        drop(other);
        println!("thread's sender gone");
    });
    drop(tx);
    println!("main's sender gone");
    thread.join().unwrap();
}
