use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

static PAM: AtomicBool = AtomicBool::new(false);
static JIM: AtomicBool = AtomicBool::new(false);

fn main() {
    let pam = thread::spawn(|| {
        PAM.store(true, SeqCst);
        JIM.load(SeqCst)
    });
    let jim = thread::spawn(|| {
        JIM.store(true, SeqCst);
        PAM.load(SeqCst)
    });
    println!("Pam saw Jim: {}", pam.join().unwrap());
    println!("Jim saw Pam: {}", jim.join().unwrap());
}
