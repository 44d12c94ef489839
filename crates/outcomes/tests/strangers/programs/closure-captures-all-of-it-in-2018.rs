// Before 2021 a closure took the whole variable where it used a field: so the
// thread drops what it never uses.
use std::thread;

struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        println!("{} dropped", self.0);
    }
}

fn main() {
    let both = (Tell("used"), Tell("unused"));
    let thread = thread::spawn(move || {
        let used = &both.0;
        println!("{} seen", used.0);
    });
    thread.join().unwrap();
    println!("end");
}
