use std::sync::Mutex;
use std::thread;
use std::time::Duration;

fn main() {
    let letters = Mutex::new(Vec::new());

    thread::scope(|scope| {
        scope.spawn(|| letters.lock().unwrap().push("from Pam"));

        thread::sleep(Duration::from_millis(100));
        assert_eq!(letters.lock().unwrap().len(), 1);
        println!("passed");
    });
}
