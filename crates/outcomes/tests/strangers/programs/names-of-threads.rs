// What a thread is called, by itself and by others.
use std::thread;

fn main() {
    println!("{:?}", thread::current().name());
    let named = thread::Builder::new().name("worker".to_owned());
    let named = named.spawn(|| println!("{:?}", thread::current().name()));
    let named = named.unwrap();
    println!("{:?}", named.thread().name());
    named.join().unwrap();
    let unnamed = thread::spawn(|| println!("{:?}", thread::current().name()));
    unnamed.join().unwrap();
}
