use std::thread;

fn main() {
    let numbers = vec![1, 2, 3];

    let printing = thread::spawn(|| {
        for number in &numbers {
            println!("Printing number {number}");
        }
    });
    printing.join().unwrap();
}
