use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};
fn main() {
    let p = AtomicPtr::new(std::ptr::null_mut::<i32>());
    println!("{}", p.load(SeqCst).is_null());
}
