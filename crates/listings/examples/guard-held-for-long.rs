use std::sync::Mutex;
use std::thread;

fn buy(name: &str, sold: &Mutex<u32>) {
    let mut sold = sold.lock().unwrap();
    *sold += 1;
    println!("{name} has ticket {sold}");
    println!("{name} goes in");
}

fn main() {
    let sold = Mutex::new(0);

    thread::scope(|scope| {
        scope.spawn(|| buy("Pam", &sold));
        scope.spawn(|| buy("Jim", &sold));
    });
}
