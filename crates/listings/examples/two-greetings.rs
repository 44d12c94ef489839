use std::thread;

fn main() {
    let thread = thread::spawn(|| println!("Hello from the thread!"));
    println!("Hello from main!");
    thread.join().unwrap();
}
