// A thread's locals are dropped in the order in which they were first used.
use std::thread;

struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        println!("{} dropped", self.0);
    }
}

thread_local! {
    static ONE: Tell = Tell("one");
    static TWO: Tell = Tell("two");
}

fn main() {
    let thread = thread::spawn(|| {
        TWO.with(|two| println!("{} used", two.0));
        ONE.with(|one| println!("{} used", one.0));
    });
    thread.join().unwrap();
    println!("joined");
}
