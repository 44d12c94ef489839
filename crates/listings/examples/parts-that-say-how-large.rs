use std::thread;

fn main() {
    let mut numbers = [1, 2, 3, 4, 5];

    thread::scope(|scope| {
        for part in numbers.chunks_mut(2) {
            scope.spawn(move || {
                println!("a part of {}", part.len());
                for number in part {
                    *number *= 10;
                }
            });
        }
    });
    println!("{numbers:?}");
}
