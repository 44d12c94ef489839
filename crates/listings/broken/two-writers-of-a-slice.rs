use std::thread;

fn main() {
    let mut numbers = [1, 2, 3, 4];

    thread::scope(|scope| {
        scope.spawn(|| numbers[0] += 10);
        scope.spawn(|| numbers[3] += 10);
    });
}
