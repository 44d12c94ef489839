// rust-lang/rust#143224: the guard in a block's tail lives on (until edition
// 2024).
use std::sync::Mutex;
struct Job(u32);
impl Job {
    fn run(self, slot: &Mutex<Option<Job>>) {
        println!(
            "job {} leaves the slot empty: {}",
            self.0,
            slot.lock().unwrap().is_none()
        );
    }
}
fn main() {
    let slot = Mutex::new(Some(Job(7)));
    let job = { slot.lock().unwrap().take() }.unwrap();
    println!("taken");
    *slot.lock().unwrap() = Some(job);
    { slot.lock().unwrap().take() }.unwrap().run(&slot);
    println!("end");
}
