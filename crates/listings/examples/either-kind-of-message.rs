use std::thread;

fn main() {
    let sharing = thread::spawn(|| share(12, 0));

    match sharing.join() {
        Ok(pieces) => println!("everybody gets {pieces}"),
        Err(panic) => {
            let fixed = panic.downcast_ref::<&str>().copied();
            let formatted = panic.downcast_ref::<String>().map(String::as_str);
            match fixed.or(formatted) {
                Some(message) => println!("the thread panicked: {message}"),
                None => println!("the thread panicked, and left no message"),
            }
        }
    }
    println!("main goes on");
}

fn share(pieces: u32, people: u32) -> u32 {
    if people == 0 {
        panic!("nobody to share {pieces} pieces with");
    }
    pieces / people
}
