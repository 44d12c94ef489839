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
        let saw_pam = PAM.load(SeqCst);
        JIM.store(true, SeqCst);
        saw_pam
    });
    println!("Pam saw Jim: {}", pam.join().unwrap());
    println!("Jim saw Pam: {}", jim.join().unwrap());
}
