use crossbeam_channel::unbounded;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

fn main() {
    let (to_read, pages) = unbounded();
    let seen = Mutex::new(BTreeSet::from(["home"]));
    let under_way = Mutex::new(1);
    to_read.send(Some("home")).unwrap();

    thread::scope(|scope| {
        for _ in 0..2 {
            let (to_read, pages) = (to_read.clone(), pages.clone());
            let (seen, under_way) = (&seen, &under_way);
            scope.spawn(move || {
                for page in pages.iter().map_while(|page| page) {
                    println!("reads {page}");
                    let links = links_on(page);
                    let mut under_way = under_way.lock().unwrap();
                    for &link in links {
                        if seen.lock().unwrap().insert(link) {
                            to_read.send(Some(link)).unwrap();
                            *under_way += 1;
                        }
                    }
                    *under_way -= 1;
                    if *under_way == 0 {
                        to_read.send(None).unwrap();
                        to_read.send(None).unwrap();
                    }
                }
            });
        }
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
