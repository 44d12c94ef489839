use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::BTreeMap;
use std::thread;

fn shout(words: Receiver<(usize, &str)>, done: Sender<(usize, String)>) {
    for (place, word) in words {
        done.send((place, word.to_uppercase())).unwrap();
    }
}

fn main() {
    let (give, words) = unbounded();
    let (report, done) = unbounded();

    for _ in 0..2 {
        let (words, report) = (words.clone(), report.clone());
        thread::spawn(move || shout(words, report));
    }
    drop((words, report));

    for place_and_word in ["one", "two", "three"].into_iter().enumerate() {
        give.send(place_and_word).unwrap();
    }
    drop(give);

    let mut early = BTreeMap::new();
    let mut next = 0;
    for (place, word) in done {
        early.insert(place, word);
        while let Some(word) = early.remove(&next) {
            println!("{word}");
            next += 1;
        }
    }
}
