// A panic in get_or_init leaves a OnceLock as it was, unlike a LazyLock.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::OnceLock;
use std::thread;

static CELL: OnceLock<u32> = OnceLock::new();
static TRIES: AtomicU32 = AtomicU32::new(0);

fn init() -> u32 {
    match TRIES.fetch_add(1, SeqCst) {
        0 => panic!("the first fails"),
        n => n,
    }
}

fn main() {
    let thread = thread::spawn(|| *CELL.get_or_init(init));
    let here = std::panic::catch_unwind(|| *CELL.get_or_init(init));
    println!("{:?} {:?}", here.ok(), thread.join().ok());
}
