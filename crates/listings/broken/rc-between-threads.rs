use std::rc::Rc;
use std::thread;

fn main() {
    let name = Rc::new("Pam");

    let theirs = Rc::clone(&name);
    let greeting = thread::spawn(move || println!("hello, {theirs}"));

    println!("hello from main, {name}");
    greeting.join().unwrap();
}
