use std::sync::{Arc, Mutex};
use std::thread;
trait Shape: Send + Sync {
    fn area(&self) -> u32;
}
struct Sq(u32);
impl Shape for Sq {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}
fn main() {
    let shapes: Arc<Mutex<Vec<Arc<dyn Shape>>>> = Arc::default();
    let s = shapes.clone();
    thread::spawn(move || s.lock().unwrap().push(Arc::new(Sq(3))))
        .join()
        .unwrap();
    println!("{}", shapes.lock().unwrap()[0].area());
}
