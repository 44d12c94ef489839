use std::thread;

fn main() {
    let first = thread::spawn(|| add_up(1, 50));
    let second = thread::spawn(|| add_up(51, 100));
    println!("main: waiting for the sum");

    let sum = first.join().unwrap() + second.join().unwrap();
    println!("main: the sum is {sum}");
}

fn add_up(first: u32, last: u32) -> u32 {
    println!("thread: adding {first} to {last}");
    (first..=last).sum()
}
