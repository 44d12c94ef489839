use crossbeam_utils::sync::WaitGroup;
use std::thread;

fn main() {
    let group = WaitGroup::new();

    let member = group.clone();
    thread::spawn(|| print_numbers(member));

    let member = group.clone();
    thread::spawn(|| generate_numbers(3, member));

    println!("Waiting for threads to finish...");
    group.wait();
    println!("Done!");
}

fn print_numbers(_member: WaitGroup) {
    for number in 1..=3 {
        println!("Printing number {number}");
    }
}

fn generate_numbers(total: u32, _member: WaitGroup) {
    for number in 1..=total {
        println!("Generating number {number}");
    }
}
