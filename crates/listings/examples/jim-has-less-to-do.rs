use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();

    thread::spawn(|| work("Pam", 2));
    thread::spawn(|| work("Jim", 1));

    thread::sleep(Duration::from_secs(3));
    println!("all work was done in {} seconds", start.elapsed().as_secs());
}

fn work(name: &str, seconds: u64) {
    println!("{name}: doing my work...");
    thread::sleep(Duration::from_secs(seconds));
    println!("{name}: done");
}
