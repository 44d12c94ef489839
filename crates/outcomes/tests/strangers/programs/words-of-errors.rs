// What std's and crossbeam's errors say.
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Mutex, TryLockError};
use std::thread;
use std::time::Duration;

fn main() {
    let (tx, rx) = channel::<u32>();
    println!("{}", rx.try_recv().unwrap_err());
    println!("{}", rx.recv_timeout(Duration::ZERO).unwrap_err());
    drop(tx);
    println!("{} / {:?}", rx.recv().unwrap_err(), rx.try_recv());
    let (tx, rx) = sync_channel(1);
    tx.send(1).unwrap();
    println!("{} / {:?}", tx.try_send(2).unwrap_err(), tx.try_send(2));
    drop(rx);
    println!("{} / {:?}", tx.send(2).unwrap_err(), tx.send(2));
    let (tx, rx) = crossbeam_channel::bounded(1);
    tx.send(1).unwrap();
    println!("{} / {:?}", tx.try_send(2).unwrap_err(), tx.try_send(2));
    drop(rx);
    println!("{} / {:?}", tx.send(2).unwrap_err(), tx.send(2));
    let lock = Mutex::new(1);
    let _guard = lock.lock();
    match lock.try_lock() {
        Err(error @ TryLockError::WouldBlock) => println!("{error} / {error:?}"),
        _ => println!("locked"),
    }
    let error = thread::spawn(|| panic!("why {}", 1)).join().unwrap_err();
    println!("{:?}", error.downcast_ref::<String>());
}
