use std::sync::Mutex;
use std::thread;

fn next_ticket(sold: &Mutex<u32>) -> u32 {
    let mut sold = sold.lock().unwrap();
    *sold += 1;
    *sold
}

fn buy(name: &str, sold: &Mutex<u32>) {
    let ticket = next_ticket(sold);
    println!("{name} goes in with ticket {ticket}");
}

fn main() {
    let sold = Mutex::new(0);

    thread::scope(|scope| {
        scope.spawn(|| buy("Pam", &sold));
        scope.spawn(|| buy("Jim", &sold));
    });
}
