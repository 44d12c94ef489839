use std::sync::{Condvar, Mutex};
use std::thread;

static BELL: Condvar = Condvar::new();
static LETTERS: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn main() {
    let postman = thread::spawn(|| {
        LETTERS.lock().unwrap().push("a letter for Pam");
        BELL.notify_one();
    });

    let mut letters = LETTERS.lock().unwrap();
    if letters.is_empty() {
        letters = BELL.wait(letters).unwrap();
    }
    println!("{}", letters.pop().unwrap());
    drop(letters);
    postman.join().unwrap();
}
