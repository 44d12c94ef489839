fn main() {
    let v = std::env::var("VERBOSE").is_ok();
    std::thread::scope(|s| {
        s.spawn(|| println!("{v}"));
    });
}
