use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();

    let printing = thread::spawn(print_numbers);
    generate_numbers(3);
    printing.join().unwrap();

    println!("Both took {} seconds", start.elapsed().as_secs());
}

fn print_numbers() {
    for number in 1..=3 {
        thread::sleep(Duration::from_secs(2));
        println!("Printing number {number}");
    }
}

fn generate_numbers(total: u32) {
    for number in 1..=total {
        thread::sleep(Duration::from_secs(1));
        println!("Generating number {number}");
    }
}
