// crossbeam's select! with a default and a timeout, the usual heartbeat.
use crossbeam_channel::{bounded, select};
use std::thread;
use std::time::Duration;

fn main() {
    let (stop, stopped) = bounded::<()>(0);
    let heart = thread::spawn(move || {
        loop {
            select! {
                recv(stopped) -> _ => break,
                default(Duration::from_millis(100)) => println!("beat"),
            }
        }
        println!("stopped");
    });
    thread::sleep(Duration::from_millis(250));
    drop(stop);
    heart.join().unwrap();
}
