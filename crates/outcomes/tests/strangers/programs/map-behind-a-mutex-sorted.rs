use std::collections::HashMap;
use std::sync::Mutex;
use std::thread;
fn main() {
    let m = Mutex::new(HashMap::new());
    thread::scope(|s| {
        for i in 0..3 {
            let m = &m;
            s.spawn(move || m.lock().unwrap().insert(i, i));
        }
    });
    let mut v: Vec<_> = m.into_inner().unwrap().into_iter().collect();
    v.sort();
    println!("{v:?}");
}
