use std::sync::mpsc;
fn main() {
    let (tx, rx) = mpsc::channel::<i32>();
    print!("a");
    println!("b");
    print!("c");
    let _ = rx.recv();
    drop(tx);
}
