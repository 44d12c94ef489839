use std::thread;

fn main() {
    match thread::available_parallelism() {
        Ok(cores) => println!("threads that can run at the same time: {cores}"),
        Err(error) => println!("this system does not say: {error}"),
    }
}
