// An overflow of the stack ends the program, whichever thread it is in.
use std::hint::black_box;
use std::thread;

fn deeper(depth: u64) -> u64 {
    black_box([depth; 64]);
    if black_box(true) {
        deeper(depth + 1) + 1
    } else {
        0
    }
}

fn main() {
    println!("start");
    let thread = thread::spawn(|| deeper(0));
    println!("{}", thread.join().is_ok());
}
