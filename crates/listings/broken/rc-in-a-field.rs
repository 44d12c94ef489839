use std::rc::Rc;
use std::thread;

struct Song {
    writer: Rc<str>,
}

struct Album {
    title: String,
    opener: Song,
}

fn main() {
    let writer: Rc<str> = Rc::from("Pam");
    let album = Album {
        title: "Night train".to_string(),
        opener: Song { writer },
    };

    let listener = thread::spawn(move || {
        println!(
            "{} opens with a song by {}",
            album.title, album.opener.writer
        );
    });
    listener.join().unwrap();
}
