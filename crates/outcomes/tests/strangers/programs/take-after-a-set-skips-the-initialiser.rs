// A lazy local that is replaced and taken without ever being initialised.
use std::cell::RefCell;
use std::thread;

thread_local!(static WORDS: RefCell<Vec<&'static str>> = {
    println!("initialised");
    RefCell::new(vec!["first"])
});

fn main() {
    WORDS.set(vec!["set"]);
    println!("{:?}", WORDS.take());
    thread::spawn(|| println!("{:?}", WORDS.replace(vec!["other"])))
        .join()
        .unwrap();
}
