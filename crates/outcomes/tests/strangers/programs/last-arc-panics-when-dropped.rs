// Whichever thread lets go last gets the panic.
use std::sync::Arc;
use std::thread;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("boom");
    }
}

fn main() {
    let mine = Arc::new(Bomb);
    let theirs = Arc::clone(&mine);
    let thread = thread::spawn(move || drop(theirs));
    let here = std::panic::catch_unwind(move || drop(mine)).is_err();
    println!("here {here}, there {}", thread.join().is_err());
}
