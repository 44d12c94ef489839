use std::sync::Mutex;
use std::thread;

fn read_page(page: u32) -> Result<(), String> {
    match page {
        1 | 3 => Err(format!("page {page} is torn")),
        _ => Ok(()),
    }
}

fn read(name: &str, pages: [u32; 2], failed: &Mutex<Option<String>>) {
    for page in pages {
        if failed.lock().unwrap().is_some() {
            return;
        }
        match read_page(page) {
            Ok(()) => println!("{name} has read page {page}"),
            Err(error) => {
                failed.lock().unwrap().get_or_insert(error);
            }
        }
    }
}

fn main() {
    let failed = Mutex::new(None);

    thread::scope(|scope| {
        scope.spawn(|| read("Pam", [1, 2], &failed));
        scope.spawn(|| read("Jim", [3, 4], &failed));
    });

    println!("{:?}", failed.into_inner().unwrap());
}
