use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

fn length(word: &'static str, known: &Mutex<BTreeMap<&str, usize>>) -> usize {
    if let Some(length) = known.lock().unwrap().get(word) {
        return *length;
    }
    println!("counting the letters of {word}");
    let length = word.len();
    known.lock().unwrap().insert(word, length);
    length
}

fn main() {
    let known = Mutex::new(BTreeMap::new());

    thread::scope(|scope| {
        scope.spawn(|| length("rendezvous", &known));
        scope.spawn(|| length("rendezvous", &known));
    });
    println!("{:?}", known.into_inner().unwrap());
}
