use std::sync::{Condvar, Mutex};
use std::thread;

static BELL: Condvar = Condvar::new();
static IS_HERE: Mutex<bool> = Mutex::new(false);

fn main() {
    let guest = thread::spawn(|| {
        println!("the guest rings");
        *IS_HERE.lock().unwrap() = true;
        BELL.notify_one();
    });

    let is_here = IS_HERE.lock().unwrap();
    drop(BELL.wait_while(is_here, |is_here| !*is_here).unwrap());
    println!("the door is opened");
    guest.join().unwrap();
}
