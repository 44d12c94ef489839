use std::thread;
fn main() {
    thread::spawn(|| println!("{:?}", thread::current().id()));
}
