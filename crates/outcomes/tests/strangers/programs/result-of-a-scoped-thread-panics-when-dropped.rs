// Nobody takes the result, and its drop panics: std can't go on.
use std::thread;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        println!("dropped");
        panic!("boom");
    }
}

fn main() {
    thread::scope(|s| {
        s.spawn(|| Bomb);
    });
    println!("over");
}
