use std::sync::Arc;
use std::thread;
fn main() {
    let f: Arc<dyn Fn(i32) + Send + Sync> = Arc::new(|i| println!("{i}"));
    let g = f.clone();
    let h = thread::spawn(move || g(1));
    f(2);
    h.join().unwrap();
}
