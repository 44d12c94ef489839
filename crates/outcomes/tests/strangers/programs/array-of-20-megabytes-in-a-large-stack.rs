// A thread gets the stack that it asks for.
use std::hint::black_box;
use std::thread;

fn main() {
    let builder = thread::Builder::new().stack_size(32 << 20);
    let thread = builder.spawn(|| {
        let array = [1u8; 20 << 20];
        println!("{}", black_box(&array).len());
    });
    thread.unwrap().join().unwrap();
}
