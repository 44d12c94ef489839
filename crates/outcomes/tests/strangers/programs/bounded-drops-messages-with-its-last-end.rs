use crossbeam_channel::bounded;
struct D;
impl Drop for D {
    fn drop(&mut self) {
        println!("msg dropped");
    }
}
fn main() {
    let (s, r) = bounded(1);
    s.send(D).unwrap();
    drop(s);
    println!("sender gone");
    drop(r);
    println!("receiver gone");
}
