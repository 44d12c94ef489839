use crossbeam_channel::unbounded;
use std::collections::BTreeSet;
use std::thread;

fn main() {
    let (to_read, pages) = unbounded();
    let (found, answers) = unbounded();

    thread::scope(|scope| {
        for reader in ["Pam", "Jim"] {
            let (pages, found) = (pages.clone(), found.clone());
            scope.spawn(move || {
                for page in pages {
                    println!("{reader} reads {page}");
                    found.send(links_on(page)).unwrap();
                }
            });
        }

        let mut seen = BTreeSet::from(["home"]);
        to_read.send("home").unwrap();
        let mut under_way = 1;
        while under_way > 0 {
            let links = answers.recv().unwrap();
            under_way -= 1;
            for &page in links {
                if seen.insert(page) {
                    to_read.send(page).unwrap();
                    under_way += 1;
                }
            }
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
