use std::thread;

fn main() {
    let numbers = vec![1, 2, 3];

    thread::scope(|scope| {
        scope.spawn(|| print_numbers(&numbers));
        scope.spawn(|| generate_numbers(&numbers));
        println!("Waiting for threads to finish...");
    });

    println!("Done with all {}!", numbers.len());
}

fn print_numbers(numbers: &[u32]) {
    for number in numbers {
        println!("Printing number {number}");
    }
}

fn generate_numbers(numbers: &[u32]) {
    for number in numbers {
        println!("Generating number {number}");
    }
}
