// process::exit ends all threads, wherever they are.
use std::{process, thread};

fn main() {
    thread::spawn(|| {
        print!("one ");
        println!("two");
    });
    println!("main");
    process::exit(3);
}
