use std::thread;

fn main() {
    work("foreground");
    println!("main: the call came back");

    let background = thread::spawn(|| work("background"));
    let farther = thread::spawn(|| work("far background"));
    println!("main: not waiting for it");

    background.join().unwrap();
    farther.join().unwrap();
    println!("main: now both are done");
}

fn work(place: &str) {
    println!("{place}: started");
    println!("{place}: finished");
}
