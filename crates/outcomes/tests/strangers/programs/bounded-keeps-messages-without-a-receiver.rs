// Crossbeam's bounded channel keeps its messages when the last receiver has
// gone, until the last sender goes.
use crossbeam_channel::bounded;
struct M;
impl Drop for M {
    fn drop(&mut self) {
        println!("message dropped")
    }
}
fn main() {
    let (tx, rx) = bounded(1);
    tx.send(M).unwrap();
    drop(rx);
    println!("receiver dropped");
    drop(tx);
}
