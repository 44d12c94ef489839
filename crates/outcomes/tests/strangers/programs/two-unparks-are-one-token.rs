// thread::park's documentation: the token is there or not, it is no counter.
use std::thread;

fn main() {
    thread::current().unpark();
    thread::current().unpark();
    thread::park();
    println!("once");
    thread::park();
    println!("twice");
}
