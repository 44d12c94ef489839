use std::thread;

fn main() {
    work("foreground");
    println!("main: the call came back");

    let background = thread::spawn(|| work("background"));
    background.join().unwrap();
    println!("main: not waiting for it");

    println!("main: now both are done");
}

fn work(place: &str) {
    println!("{place}: started");
    println!("{place}: finished");
}
