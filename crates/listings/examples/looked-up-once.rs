use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

fn length(word: &'static str, known: &Mutex<BTreeMap<&str, usize>>) -> usize {
    let mut known = known.lock().unwrap();
    *known.entry(word).or_insert_with(|| {
        println!("counting the letters of {word}");
        word.len()
    })
}

fn main() {
    let known = Mutex::new(BTreeMap::new());

    thread::scope(|scope| {
        scope.spawn(|| length("rendezvous", &known));
        scope.spawn(|| length("rendezvous", &known));
    });
    println!("{:?}", known.into_inner().unwrap());
}
