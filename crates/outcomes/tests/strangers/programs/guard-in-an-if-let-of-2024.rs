// The same as in 2021, but the guard is let go before the else.
use std::sync::Mutex;

fn main() {
    let list = Mutex::new(vec![1]);
    if let Some(2) = list.lock().unwrap().pop() {
        println!("two");
    } else {
        list.lock().unwrap().push(3);
    }
    println!("{:?}", list.lock().unwrap());
}
