use std::thread;
use std::time::Duration;
fn main() {
    thread::spawn(|| loop {
        thread::park()
    });
    let mut n = 0;
    loop {
        thread::sleep(Duration::from_secs(1));
        n += 1;
        if n == 5 {
            println!("five");
            break;
        }
    }
}
