use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static HIGHEST: AtomicU32 = AtomicU32::new(0);

fn bid(name: &str, amount: u32) {
    let mut highest = HIGHEST.load(Ordering::SeqCst);
    while highest < amount {
        match HIGHEST.compare_exchange(highest, amount, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => return println!("{name} bids {amount}"),
            Err(now) => highest = now,
        }
    }
    println!("{name} is too late with {amount}");
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| bid("Pam", 20));
        scope.spawn(|| bid("Jim", 10));
    });
    println!("sold for {}", HIGHEST.load(Ordering::SeqCst));
}
