use std::sync::Mutex;
fn main() {
    let m = Mutex::new(vec![1]);
    if let Some(2) = m.lock().unwrap().pop() {
        println!("two");
    } else {
        m.lock().unwrap().push(3);
    }
    println!("{:?}", m.lock().unwrap());
}
