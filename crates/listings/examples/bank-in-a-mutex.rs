use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let balance = Arc::new(Mutex::new(0));

    let pams = Arc::clone(&balance);
    let pam = thread::spawn(move || {
        *pams.lock().unwrap() += 10;
        *pams.lock().unwrap() += 20;
    });

    println!("the balance is {}", balance.lock().unwrap());
    pam.join().unwrap();
}
