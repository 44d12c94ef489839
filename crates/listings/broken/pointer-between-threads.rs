use std::thread;

fn main() {
    let mut count = 0;
    let pointer: *mut i32 = &mut count;

    thread::scope(|scope| {
        scope.spawn(move || println!("is it null? {}", pointer.is_null()));
    });
}
