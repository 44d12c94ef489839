// LazyLock's documentation: a panic in the closure poisons it for good.
use std::sync::LazyLock;
use std::thread;

static VALUE: LazyLock<u32> = LazyLock::new(|| {
    println!("computing");
    panic!("can't");
});

fn main() {
    let thread = thread::spawn(|| *VALUE);
    println!("{}", thread.join().is_err());
    println!("{}", *VALUE);
}
