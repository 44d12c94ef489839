//! From the bytes that a program writes to the text of `stream` messages.
//!
//! Bytes come in as the program wrote them. Text goes out at once when nothing
//! went out just before, and otherwise in batches: Jupyter Server drops what
//! comes faster than 1,000 messages or 1 MB a second.

use runner::event::Stream;
use std::mem;
use std::time::{Duration, Instant};

/// The shortest time between two batches.
const WINDOW: Duration = Duration::from_millis(50);

/// The most text in a batch, in bytes; a batch that is full goes out early.
const FULL: usize = 256 * 1024;

/// How many pieces of one batch keep the order between stdout and stderr.
/// Beyond, a batch has one piece for each: a program that alternates between
/// them must not send a message for every line.
const ORDERED: usize = 16;

/// Output on its way out.
///
/// Times are arguments, so nothing here waits.
#[derive(Debug, Default)]
pub struct Batches {
    pieces: Vec<(Stream, String)>,
    characters: [Characters; 2],
    last: Option<Instant>,
}

impl Batches {
    /// Adds what a program wrote.
    pub fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let text = self.characters[stream as usize].push(bytes);
        self.add(stream, text);
    }

    /// When the next batch is due; `None` while there is nothing to send.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.pieces.is_empty() {
            return None;
        }
        let size: usize = self.pieces.iter().map(|(_, text)| text.len()).sum();
        if size >= FULL {
            return Some(now);
        }
        Some(self.last.map_or(now, |last| last + WINDOW))
    }

    /// The next batch: what to send, in order.
    pub fn take(&mut self, now: Instant) -> Vec<(Stream, String)> {
        if !self.pieces.is_empty() {
            self.last = Some(now);
        }
        mem::take(&mut self.pieces)
    }

    /// All that is left once the program has ended.
    pub fn finish(mut self) -> Vec<(Stream, String)> {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = self.characters[stream as usize].finish();
            self.add(stream, rest);
        }
        self.pieces
    }

    /// Adds text.
    pub(crate) fn add(&mut self, stream: Stream, text: String) {
        if text.is_empty() {
            return;
        }
        let full = self.pieces.len() >= ORDERED;
        let same = self
            .pieces
            .iter_mut()
            .rev()
            .take(if full { usize::MAX } else { 1 })
            .find(|(other, _)| *other == stream);
        match same {
            Some((_, before)) => before.push_str(&text),
            None => self.pieces.push((stream, text)),
        }
    }
}

/// Turns bytes into text, whatever the pieces they come in.
#[derive(Debug, Default)]
pub(crate) struct Characters {
    /// The beginning of a UTF-8 character whose rest has not come yet.
    unfinished: Vec<u8>,
}

impl Characters {
    /// The text that is whole with these bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.unfinished.extend(bytes);
        let rest = self
            .unfinished
            .split_off(whole_characters(&self.unfinished));
        String::from_utf8_lossy(&mem::replace(&mut self.unfinished, rest)).into_owned()
    }

    /// What is left once no more bytes come.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&mem::take(&mut self.unfinished)).into_owned()
    }
}

/// How many of the bytes are whole characters, or can't be any: all but an
/// unfinished character at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    let last = bytes.utf8_chunks().last();
    let Some(invalid) = last.map(|chunk| chunk.invalid()) else {
        return 0;
    };
    let start = bytes.len() - invalid.len();
    match std::str::from_utf8(&bytes[start..]) {
        // No `error_len`: more bytes could still make it a character.
        Err(error) if error.error_len().is_none() => start,
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stream::{Stderr, Stdout};

    fn owned(pieces: &[(Stream, &str)]) -> Vec<(Stream, String)> {
        pieces.iter().map(|(s, t)| (*s, (*t).to_owned())).collect()
    }

    #[test]
    fn the_first_bytes_go_out_at_once_and_later_ones_in_batches() {
        let start = Instant::now();
        let mut batches = Batches::default();
        assert_eq!(batches.due(start), None);
        batches.push(Stdout, b"a\n");
        assert_eq!(batches.due(start), Some(start));
        assert_eq!(batches.take(start), owned(&[(Stdout, "a\n")]));

        batches.push(Stdout, b"b\n");
        batches.push(Stdout, b"c\n");
        assert_eq!(batches.due(start), Some(start + WINDOW));
        let later = start + WINDOW;
        assert_eq!(batches.take(later), owned(&[(Stdout, "b\nc\n")]));
        assert_eq!(batches.due(later), None);

        batches.push(Stdout, b"after a pause\n");
        let much_later = later + WINDOW * 3;
        assert!(batches.due(much_later).unwrap() <= much_later, "at once");
    }

    #[test]
    fn a_full_batch_goes_out_early() {
        let start = Instant::now();
        let mut batches = Batches::default();
        batches.push(Stdout, b"a");
        batches.take(start);
        batches.push(Stdout, &vec![b'x'; FULL]);
        assert_eq!(batches.due(start), Some(start));
    }

    #[test]
    fn streams_keep_their_order_up_to_a_point() {
        let mut batches = Batches::default();
        batches.push(Stdout, b"1");
        batches.push(Stderr, b"2");
        batches.push(Stdout, b"3");
        let now = Instant::now();
        let expected = owned(&[(Stdout, "1"), (Stderr, "2"), (Stdout, "3")]);
        assert_eq!(batches.take(now), expected);

        for _ in 0..1000 {
            batches.push(Stdout, b"o");
            batches.push(Stderr, b"e");
        }
        let pieces = batches.take(now);
        assert!(pieces.len() <= ORDERED + 1, "{}", pieces.len());
        let count = |wanted| -> usize {
            let of = pieces.iter().filter(|(stream, _)| *stream == wanted);
            of.map(|(_, text)| text.len()).sum()
        };
        assert_eq!((count(Stdout), count(Stderr)), (1000, 1000));
    }

    #[test]
    fn a_character_is_never_split() {
        let text = "aü🦀\u{10ffff}z";
        for at in 0..=text.len() {
            let mut batches = Batches::default();
            let (before, after) = text.as_bytes().split_at(at);
            batches.push(Stdout, before);
            // The same bytes on the other stream don't get mixed in.
            batches.push(Stderr, after);
            let first: String = batches
                .take(Instant::now())
                .into_iter()
                .filter(|(stream, _)| *stream == Stdout)
                .map(|(_, text)| text)
                .collect();
            assert!(text.starts_with(&first));
            batches.push(Stdout, after);
            let rest: String = batches
                .finish()
                .into_iter()
                .filter(|(stream, _)| *stream == Stdout)
                .map(|(_, text)| text)
                .collect();
            assert_eq!(format!("{first}{rest}"), text);
        }
    }

    #[test]
    fn what_is_no_utf_8_is_shown_as_such() {
        let mut batches = Batches::default();
        batches.push(Stdout, b"\xffa\xf0\x9f");
        assert_eq!(
            batches.take(Instant::now()),
            owned(&[(Stdout, "\u{fffd}a")])
        );
        assert_eq!(batches.finish(), owned(&[(Stdout, "\u{fffd}")]));
    }
}
