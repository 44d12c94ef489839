use std::thread;

fn main() {
    let adding = thread::spawn(|| add_up(100));
    println!("main: waiting for the sum");

    let sum = adding.join().unwrap();
    println!("main: the sum is {sum}");
}

fn add_up(last: u32) -> u32 {
    println!("thread: adding 1 to {last}");
    (1..=last).sum()
}
