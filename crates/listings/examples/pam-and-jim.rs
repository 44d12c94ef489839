use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();

    thread::spawn(|| work("Pam"));
    thread::spawn(|| work("Jim"));

    thread::sleep(Duration::from_secs(3));
    println!("all work was done in {} seconds", start.elapsed().as_secs());
}

fn work(name: &str) {
    println!("{name}: doing my work...");
    thread::sleep(Duration::from_secs(2));
    println!("{name}: done");
}
