use std::sync::OnceLock;
use std::thread;

static GREETING: OnceLock<String> = OnceLock::new();

fn greeting() -> &'static str {
    GREETING.get_or_init(|| {
        println!("looking up the greeting");
        "hello".to_owned()
    })
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| println!("Pam says {}", greeting()));
        scope.spawn(|| println!("Jim sees {:?}", GREETING.get()));
    });
}
