use std::panic;
use std::sync::mpsc::sync_channel;
struct D(i32);
impl Drop for D {
    fn drop(&mut self) {
        println!("drop {}", self.0);
        panic!("x");
    }
}
fn main() {
    let (s, r) = sync_channel(2);
    s.send(D(1)).unwrap();
    s.send(D(2)).unwrap();
    drop(s);
    let e = panic::catch_unwind(move || drop(r));
    println!("{}", e.is_err());
}
