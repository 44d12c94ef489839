use std::sync::Arc;
use std::thread;

struct Song {
    writer: Arc<str>,
}

struct Album {
    title: String,
    opener: Song,
}

fn main() {
    let writer: Arc<str> = Arc::from("Pam");
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
