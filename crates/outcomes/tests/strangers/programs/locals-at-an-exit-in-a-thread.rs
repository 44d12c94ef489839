// A thread that calls process::exit drops its own locals.
use std::{process, thread};
struct Tell(&'static str);
impl Drop for Tell {
    fn drop(&mut self) {
        println!("{} dropped", self.0);
    }
}
thread_local!(static MINE: Tell = Tell(if thread::current().name() == Some("main") { "main" } else { "other" }));
fn main() {
    MINE.with(|_| {});
    let other = thread::spawn(|| MINE.with(|_| process::exit(0)));
    other.join().unwrap();
}
