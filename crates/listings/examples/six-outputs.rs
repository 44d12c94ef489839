use std::thread;

fn main() {
    thread::scope(|scope| {
        for name in ["one", "two", "three"] {
            scope.spawn(move || println!("{name}"));
        }
    });
}
