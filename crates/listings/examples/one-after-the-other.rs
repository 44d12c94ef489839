fn main() {
    print_numbers();
    generate_numbers(3);
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
