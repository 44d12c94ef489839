use std::cell::Cell;
use std::sync::Arc;
use std::thread;

fn main() {
    let visits = Arc::new(Cell::new(0));

    let theirs = Arc::clone(&visits);
    let visitor = thread::spawn(move || theirs.set(theirs.get() + 1));
    visits.set(visits.get() + 1);

    visitor.join().unwrap();
    println!("{} visits", visits.get());
}
