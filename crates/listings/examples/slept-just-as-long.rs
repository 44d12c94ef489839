use std::thread;
use std::time::Duration;

fn main() {
    thread::spawn(|| work("Pam"));

    thread::sleep(Duration::from_secs(2));
    println!("main: that must have been enough");
}

fn work(name: &str) {
    println!("{name}: doing my work...");
    thread::sleep(Duration::from_secs(2));
    println!("{name}: done");
}
