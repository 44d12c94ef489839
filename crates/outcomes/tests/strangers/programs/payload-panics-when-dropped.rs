// The payload of a panic panics when it is dropped.
use std::panic::panic_any;
use std::thread;
struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}
fn main() {
    let thread = thread::spawn(|| panic_any(Bomb));
    println!("joined");
    drop(thread);
    thread::sleep(std::time::Duration::from_millis(20));
    println!("end");
}
