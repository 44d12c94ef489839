use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (enter, leave) = bounded(3);

    thread::scope(|scope| {
        for name in ["Pam", "Jim", "Kim"] {
            let (enter, leave) = (enter.clone(), leave.clone());
            scope.spawn(move || {
                enter.send(()).unwrap();
                println!("{name} is in");
                println!("{name} is out");
                leave.recv().unwrap();
            });
        }
    });
}
