use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static HIGHEST: AtomicU32 = AtomicU32::new(0);

fn bid(name: &str, amount: u32) {
    let before = HIGHEST.fetch_max(amount, Ordering::SeqCst);
    if before < amount {
        println!("{name} bids {amount}");
    } else {
        println!("{name} is too late with {amount}");
    }
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| bid("Pam", 20));
        scope.spawn(|| bid("Jim", 10));
    });
    println!("sold for {}", HIGHEST.load(Ordering::SeqCst));
}
