// The guard in what is matched lives to the end of the match, in any edition.
use std::sync::Mutex;

fn main() {
    let list = Mutex::new(Vec::new());
    match list.lock().unwrap().len() {
        0 => {
            println!("empty");
            list.lock().unwrap().push(1);
        }
        n => println!("{n}"),
    }
    println!("{}", list.lock().unwrap().len());
}
