use std::sync::Arc;
use std::thread;

struct Letter;

impl Drop for Letter {
    fn drop(&mut self) {
        println!("the letter is thrown away");
    }
}

fn main() {
    let letter = Arc::new(Letter);

    let copy = Arc::clone(&letter);
    let jim = thread::spawn(move || {
        println!("Jim reads it");
        drop(copy);
    });

    println!("Pam reads it");
    drop(letter);
    jim.join().unwrap();
}
