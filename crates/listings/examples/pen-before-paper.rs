use std::sync::Mutex;
use std::thread;

fn main() {
    let pen = Mutex::new("pen");
    let paper = Mutex::new("paper");

    thread::scope(|scope| {
        scope.spawn(|| write("Pam", &pen, &paper));
        scope.spawn(|| write("Jim", &pen, &paper));
    });
    println!("Both letters are written");
}

fn write(name: &str, first: &Mutex<&str>, second: &Mutex<&str>) {
    let first = first.lock().unwrap();
    println!("{name} has the {first}");
    let second = second.lock().unwrap();
    println!("{name} has the {second} too");
}
