// A drop that locks while its thread panics: the lock is not poisoned by a
// guard that was taken and let go within the panic.
use std::sync::Mutex;
use std::thread;

static LOG: Mutex<Vec<&str>> = Mutex::new(Vec::new());
static STATE: Mutex<u32> = Mutex::new(0);

struct Tidy;

impl Drop for Tidy {
    fn drop(&mut self) {
        LOG.lock().unwrap().push("tidied");
        println!("panicking {}", thread::panicking());
    }
}

fn main() {
    let thread = thread::spawn(|| {
        let _tidy = Tidy;
        let _state = STATE.lock().unwrap();
        panic!("oh");
    });
    println!("{}", thread.join().is_err());
    println!("{} {}", LOG.is_poisoned(), STATE.is_poisoned());
    println!("{:?}", LOG.lock().unwrap());
}
