// Arc::into_inner's documentation: with try_unwrap both threads may get nothing,
// since each may look while the other still owns.
use std::sync::Arc;
use std::thread;

fn main() {
    let mine = Arc::new(3);
    let theirs = Arc::clone(&mine);
    let thread = thread::spawn(|| Arc::try_unwrap(theirs).ok());
    let here = Arc::try_unwrap(mine).ok();
    println!("{here:?} {:?}", thread.join().unwrap());
}
