use crossbeam_channel::bounded;
use std::sync::Mutex;
use std::thread;

fn main() {
    let letters = Mutex::new(Vec::new());
    let (sender, is_there) = bounded(1);

    thread::scope(|scope| {
        scope.spawn(|| {
            letters.lock().unwrap().push("from Pam");
            sender.send(()).unwrap();
        });

        is_there.recv().unwrap();
        assert_eq!(letters.lock().unwrap().len(), 1);
        println!("passed");
    });
}
