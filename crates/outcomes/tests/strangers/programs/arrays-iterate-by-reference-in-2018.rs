// array.into_iter() yielded references until edition 2021.
use std::thread;

trait Kind {
    fn kind(self) -> &'static str;
}

impl Kind for i32 {
    fn kind(self) -> &'static str {
        "value"
    }
}

impl Kind for &i32 {
    fn kind(self) -> &'static str {
        "reference"
    }
}

#[allow(array_into_iter)]
fn main() {
    thread::spawn(|| {
        for number in [1].into_iter() {
            println!("{}", number.kind());
        }
    })
    .join()
    .unwrap();
}
