// Recv_timeout takes the token as well, and then times out.
use std::sync::mpsc::channel;
use std::{thread, time::Duration};
fn main() {
    let (tx, rx) = channel::<u32>();
    thread::current().unpark();
    println!("{:?}", rx.recv_timeout(Duration::from_millis(10)));
    thread::park();
    println!("woken");
    drop(tx);
}
