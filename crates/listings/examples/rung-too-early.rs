use std::sync::{Condvar, Mutex};
use std::thread;

static BELL: Condvar = Condvar::new();
static IS_HERE: Mutex<bool> = Mutex::new(false);

fn main() {
    let guest = thread::spawn(|| {
        println!("the guest rings");
        BELL.notify_one();
        *IS_HERE.lock().unwrap() = true;
    });

    let mut is_here = IS_HERE.lock().unwrap();
    while !*is_here {
        is_here = BELL.wait(is_here).unwrap();
    }
    println!("the door is opened");
    guest.join().unwrap();
}
