use crossbeam_channel::unbounded;
use std::thread;

fn read_page(page: u32) -> Result<u32, String> {
    match page {
        2 => Err("page 2 is missing".to_owned()),
        _ => Ok(page * 100),
    }
}

fn main() {
    let (sender, results) = unbounded();
    for page in 1..=3 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(read_page(page)));
    }
    drop(sender);

    for words in results {
        match words {
            Ok(words) => println!("{words} words"),
            Err(error) => return println!("{error}"),
        }
    }
}
