// JoinHandle::join's documentation, and rust-lang/rust on EDEADLK: a thread
// that joins itself panics on Linux.
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
fn main() {
    let (tx, rx) = channel::<JoinHandle<()>>();
    let (done, ended) = channel();
    let thread = thread::spawn(move || {
        let me = rx.recv().unwrap();
        let _done = done;
        me.join().unwrap();
    });
    tx.send(thread).unwrap();
    println!("{:?}", ended.recv() as Result<(), _>);
}
