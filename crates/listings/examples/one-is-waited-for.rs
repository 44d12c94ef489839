use std::thread;

fn main() {
    let printing = thread::spawn(print_numbers);
    thread::spawn(|| generate_numbers(3));

    println!("Waiting for threads to finish...");
    printing.join().unwrap();
    println!("Done!");
}

fn print_numbers() {
    for number in 1..=3 {
        println!("Printing number {number}");
    }
}

fn generate_numbers(total: u32) {
    for number in 1..=total {
        println!("Generating number {number}");
    }
}
