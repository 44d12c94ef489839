use crossbeam_channel::unbounded;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

fn main() {
    let (to_read, pages) = unbounded();
    let seen = Mutex::new(BTreeSet::from(["home"]));
    to_read.send("home").unwrap();

    thread::scope(|scope| {
        for _ in 0..2 {
            let (to_read, pages) = (to_read.clone(), pages.clone());
            let seen = &seen;
            scope.spawn(move || {
                for page in pages {
                    println!("reads {page}");
                    for &link in links_on(page) {
                        if seen.lock().unwrap().insert(link) {
                            to_read.send(link).unwrap();
                        }
                    }
                }
            });
        }
        drop(to_read);
    });

    println!("that was all");
}

fn links_on(page: &str) -> &'static [&'static str] {
    match page {
        "home" => &["news", "about"],
        "news" => &["home", "about"],
        "about" => &["home"],
        _ => &[],
    }
}
