// What bounded(1) keeps, unbounded and mpsc drop when the last receiver goes.
use crossbeam_channel::unbounded;
use std::sync::mpsc;

struct Message(&'static str);

impl Drop for Message {
    fn drop(&mut self) {
        println!("{} dropped", self.0);
    }
}

fn main() {
    let (tx, rx) = unbounded();
    tx.send(Message("unbounded")).unwrap();
    drop(rx);
    println!("receiver dropped");
    drop(tx);
    let (tx, rx) = mpsc::sync_channel(1);
    tx.send(Message("sync")).unwrap();
    drop(rx);
    println!("receiver dropped");
    drop(tx);
}
