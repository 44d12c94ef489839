use std::thread;

struct Note(*mut String);

// SAFETY: no two notes share a string, so that whoever has the note is alone
// with it.
unsafe impl Send for Note {}

impl Note {
    fn new(text: &str) -> Note {
        Note(Box::into_raw(Box::new(text.to_string())))
    }

    fn read(&self) -> &str {
        // SAFETY: it points to a string until the note is dropped.
        unsafe { &*self.0 }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box, and nobody uses it afterwards.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

fn main() {
    let note = Note::new("the key is under the mat");
    let reader = thread::spawn(move || println!("{}", note.read()));
    reader.join().unwrap();
}
