// OnceLock::get_or_init's documentation: it is an error to initialise it
// recursively, and it deadlocks today.
use std::sync::OnceLock;

static CELL: OnceLock<u32> = OnceLock::new();

fn main() {
    println!("start");
    println!("{}", CELL.get_or_init(|| *CELL.get_or_init(|| 1)));
}
