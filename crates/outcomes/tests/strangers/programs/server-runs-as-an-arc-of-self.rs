use std::sync::{Arc, Mutex};
use std::thread;
struct Server {
    n: Mutex<i32>,
}
impl Server {
    fn run(self: Arc<Self>) {
        *self.n.lock().unwrap() += 1;
        println!("{}", self.n.lock().unwrap());
    }
}
fn main() {
    let s = Arc::new(Server { n: Mutex::new(0) });
    let t = s.clone();
    let h = thread::spawn(move || t.run());
    h.join().unwrap();
    s.run();
}
