use crossbeam_channel::bounded;
use std::thread;

fn main() {
    let (sender, loaves) = bounded(0);

    let baker = thread::spawn(move || {
        for loaf in 1..=3 {
            println!("loaf {loaf} is baked");
            sender.send(loaf).unwrap();
        }
    });

    for loaf in loaves {
        println!("loaf {loaf} is eaten");
    }
    baker.join().unwrap();
}
