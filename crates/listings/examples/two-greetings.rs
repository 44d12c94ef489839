use std::thread;

fn main() {
    let greeting = thread::spawn(|| println!("Hello from the thread!"));
    println!("Hello from main!");
    greeting.join().unwrap();
}
