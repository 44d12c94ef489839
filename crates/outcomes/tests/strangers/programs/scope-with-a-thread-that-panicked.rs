// thread::scope's documentation: it panics if a thread that nobody joined did.
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread;

fn main() {
    let scope = catch_unwind(AssertUnwindSafe(|| {
        thread::scope(|s| {
            s.spawn(|| panic!("in the thread"));
            s.spawn(|| println!("beside"));
        });
    }));
    let payload = scope.unwrap_err();
    println!("{:?}", payload.downcast_ref::<&str>());
}
