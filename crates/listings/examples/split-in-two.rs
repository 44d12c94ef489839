use std::thread;

fn main() {
    let mut numbers = [1, 2, 3, 4];

    let (left, right) = numbers.split_at_mut(2);
    thread::scope(|scope| {
        scope.spawn(|| left[0] += 10);
        scope.spawn(|| right[1] += 10);
    });
    println!("{numbers:?}");
}
