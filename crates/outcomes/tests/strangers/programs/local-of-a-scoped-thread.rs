// thread::scope's documentation: the end of the scope does not wait for the
// locals of its threads to be dropped.
use std::thread;

struct Tell;

impl Drop for Tell {
    fn drop(&mut self) {
        println!("local dropped");
    }
}

thread_local!(static MINE: Tell = const { Tell });

fn main() {
    thread::scope(|s| {
        s.spawn(|| MINE.with(|_| println!("used")));
    });
    println!("the scope is over");
}
