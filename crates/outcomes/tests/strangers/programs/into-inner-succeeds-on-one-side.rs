// Arc::into_inner's documentation: exactly one of all owners gets the value.
use std::sync::Arc;
use std::thread;

fn main() {
    let mine = Arc::new(3);
    let theirs = Arc::clone(&mine);
    let thread = thread::spawn(|| Arc::into_inner(theirs));
    let here = Arc::into_inner(mine);
    println!("{here:?} {:?}", thread.join().unwrap());
}
