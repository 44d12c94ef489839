// Two threads take two locks in opposite orders; the third has nothing to do
// with them.
use std::sync::Mutex;
use std::thread;

static ONE: Mutex<()> = Mutex::new(());
static TWO: Mutex<()> = Mutex::new(());

fn main() {
    let first = thread::spawn(|| {
        let _one = ONE.lock();
        thread::yield_now();
        let _two = TWO.lock();
    });
    let second = thread::spawn(|| {
        let _two = TWO.lock();
        thread::yield_now();
        let _one = ONE.lock();
    });
    let third = thread::spawn(|| println!("third"));
    third.join().unwrap();
    first.join().unwrap();
    second.join().unwrap();
    println!("end");
}
