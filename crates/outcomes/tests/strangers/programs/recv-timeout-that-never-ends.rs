// mpsc's recv_timeout adds the timeout to the time now; where that overflows,
// it waits as recv does.
use std::sync::mpsc::channel;
use std::time::Duration;

fn main() {
    let (tx, rx) = channel::<u32>();
    tx.send(1).unwrap();
    println!("{:?}", rx.recv_timeout(Duration::MAX));
    println!("{:?}", rx.recv_timeout(Duration::MAX));
    drop(tx);
}
