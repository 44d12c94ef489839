use std::sync::Arc;
use std::thread;

fn main() {
    let name = Arc::new("Pam");

    let theirs = Arc::clone(&name);
    let greeting = thread::spawn(move || println!("hello, {theirs}"));

    println!("hello from main, {name}");
    greeting.join().unwrap();
}
