// The end of a scope waits by parking, too.
use std::thread;
use std::time::Duration;

fn main() {
    thread::current().unpark();
    thread::scope(|s| {
        s.spawn(|| thread::sleep(Duration::from_millis(20)));
    });
    println!("the scope is over");
    thread::park();
    println!("woken");
}
