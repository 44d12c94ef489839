// A destructor that panics while its thread panics already.
use std::thread;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

fn main() {
    println!("start");
    let thread = thread::spawn(|| {
        let _bomb = Bomb;
        panic!("first");
    });
    println!("{}", thread.join().is_err());
}
