use std::thread;

fn main() {
    let words = ["go", "rust", "channel", "thread", "lock"];

    let letters: usize = thread::scope(|scope| {
        let mut counting = Vec::new();
        for part in words.chunks(2) {
            counting.push(scope.spawn(|| part.iter().map(|word| word.len()).sum::<usize>()));
        }
        counting
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    println!("{letters} letters");
}
