use std::sync::Mutex;

fn main() {
    let printer = Mutex::new(());

    let _ = printer.lock();
    println!("nobody else prints now");
}
