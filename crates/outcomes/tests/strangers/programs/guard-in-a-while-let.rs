// The Rust Book, chapter 21: the lock is held while the job is done, so nobody
// else works. Here the job wants the lock itself.
use std::collections::VecDeque;
use std::sync::Mutex;

fn main() {
    let jobs = Mutex::new(VecDeque::from([1, 2]));
    while let Some(job) = jobs.lock().unwrap().pop_front() {
        println!("job {job}");
        println!("{} left", jobs.lock().unwrap().len());
    }
}
