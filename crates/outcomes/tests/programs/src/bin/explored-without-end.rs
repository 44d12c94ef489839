//! A program that computes without end, between two operations.

fn main() {
    println!("begins");
    while std::hint::black_box(true) {}
}

::std::program!(main);
