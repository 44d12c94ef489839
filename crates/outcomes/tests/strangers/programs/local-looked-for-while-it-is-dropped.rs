// LocalKey::try_with fails while the value is dropped, and with panics.
use std::cell::Cell;
use std::thread;

struct Look;

impl Drop for Look {
    fn drop(&mut self) {
        println!("itself: {:?}", LOOK.try_with(|_| ()));
        println!("other: {:?}", COUNT.try_with(Cell::get));
    }
}

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(3) };
    static LOOK: Look = const { Look };
}

fn main() {
    thread::spawn(|| LOOK.with(|_| ())).join().unwrap();
}
