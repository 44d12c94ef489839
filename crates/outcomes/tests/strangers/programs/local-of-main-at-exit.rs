// rust-lang/rust#127637: process::exit, and main's local is dropped all the
// same.
use std::process;
struct Tell;
impl Drop for Tell {
    fn drop(&mut self) {
        println!("local dropped");
    }
}
thread_local!(static MINE: Tell = const { Tell });
fn main() {
    MINE.with(|_| println!("used"));
    process::exit(0);
}
