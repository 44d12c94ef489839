use std::thread;

fn read_page(page: u32) -> Result<u32, String> {
    match page {
        2 => Err("page 2 is missing".to_owned()),
        _ => Ok(page * 100),
    }
}

fn main() {
    let mut threads = Vec::new();
    for page in 1..=3 {
        threads.push(thread::spawn(move || read_page(page)));
    }

    let words: Result<Vec<u32>, String> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    match words {
        Ok(words) => println!("{words:?} words"),
        Err(error) => println!("{error}"),
    }
}
