use crossbeam_channel::bounded;
use std::sync::Mutex;
use std::thread;

fn main() {
    let (sender, receiver) = bounded(0);
    let diary = Mutex::new(Vec::new());

    thread::scope(|scope| {
        scope.spawn(|| {
            diary.lock().unwrap().push("sent a letter");
            sender.send("a letter").unwrap();
        });
        scope.spawn(|| {
            diary.lock().unwrap().push("looked for letters");
            println!("got {}", receiver.recv().unwrap());
        });
    });
    println!("{:?}", diary.into_inner().unwrap());
}
