use std::sync::{Arc, Mutex};
use std::thread;
trait Sink: Send {
    fn put(&mut self, s: &str);
}
struct V(Vec<String>);
impl Sink for V {
    fn put(&mut self, s: &str) {
        self.0.push(s.into());
        println!("{s} {}", self.0.len());
    }
}
fn run(s: Arc<Mutex<dyn Sink>>) {
    let t = s.clone();
    let h = thread::spawn(move || t.lock().unwrap().put("a"));
    s.lock().unwrap().put("b");
    h.join().unwrap();
}
fn main() {
    run(Arc::new(Mutex::new(V(vec![]))));
}
