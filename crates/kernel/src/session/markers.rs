//! What a cell means by what it prints.
//!
//! Cells show rich content by printing it between two lines, as the crates
//! made for evcxr do (`evcxr_display`):
//!
//! ```text
//! EVCXR_BEGIN_CONTENT text/html
//! <b>bold</b>
//! EVCXR_END_CONTENT
//! ```
//!
//! Ours may go on after the MIME type: `id=NAME` gives it a name, and
//! `update` puts it in the place of what had that name. The code that evcxr
//! puts around a cell prints lines of its own, which are for evcxr.

use super::protocol::{Effect, Shown};
use crate::output::Characters;
use runner::Stream;
use serde_json::{Map, Value};
use std::mem;

/// What all markers begin with.
const MARKER: &[u8] = b"EVCXR_";

/// How much a line that begins like a marker may hold before it is none.
const LONGEST: usize = 1 << 10;

const BEGIN: &str = "EVCXR_BEGIN_CONTENT ";
const END: &[u8] = b"EVCXR_END_CONTENT\n";
const CLEAR: &str = "EVCXR_CLEAR_OUTPUT";
const PANIC: &str = "EVCXR_PANIC_NOTIFICATION";
const ERROR: &str = "EVCXR_ERROR_OCCURRED";
const VARIABLE_CHANGED: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";
const PASSWORD: &str = "EVCXR_INPUT_REQUEST_PASSWORD:";
const INPUT: &str = "EVCXR_INPUT_REQUEST:";

/// Reads what a cell prints to its standard output.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    unread: Vec<u8>,
    characters: Characters,
    /// The content that has begun.
    open: Option<(String, Shown)>,
    /// Content that may go on in another MIME type, or be the cell's result.
    shown: Option<Shown>,
    /// What evcxr is to be told when the cell has ended.
    pub(crate) for_evcxr: Vec<String>,
    /// Whether it panicked.
    pub(crate) panicked: bool,
    /// Whether it left early with `?`.
    pub(crate) failed: bool,
}

impl Markers {
    /// Reads on. What there is to tell goes to `tell`.
    pub(crate) fn read(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Effect)) {
        self.unread.extend(bytes);
        while self.step(tell) {}
    }

    /// Whether something waits for what comes next.
    pub(crate) fn holds_back(&self) -> bool {
        self.shown.is_some() || self.holds_text_back()
    }

    /// Nothing more came for a while: what is held back goes out.
    pub(crate) fn pause(&mut self, tell: &mut dyn FnMut(Effect)) {
        if let Some(shown) = self.shown.take() {
            tell(Effect::Show(shown));
        }
        if self.holds_text_back() {
            let text = mem::take(&mut self.unread);
            self.print(&text, tell);
        }
    }

    /// Whether text waits that may yet be the beginning of a marker.
    fn holds_text_back(&self) -> bool {
        self.open.is_none() && !self.unread.is_empty() && !self.unread.starts_with(MARKER)
    }

    /// The cell has ended: gives back what it showed last, which is its
    /// result if it printed nothing after it.
    pub(crate) fn finish(&mut self, tell: &mut dyn FnMut(Effect)) -> Option<Map<String, Value>> {
        if let Some((mime, shown)) = self.open.take() {
            // Its end is missing; it is shown as far as it goes.
            let text = mem::take(&mut self.unread);
            self.close(&mime, &text, shown, tell);
        }
        let text = mem::take(&mut self.unread);
        self.print(&text, tell);
        let text = self.characters.finish();
        self.tell_text(text, tell);
        let shown = self.shown.take()?;
        if shown.id.is_some() {
            tell(Effect::Show(shown));
            return None;
        }
        Some(shown.data)
    }

    fn step(&mut self, tell: &mut dyn FnMut(Effect)) -> bool {
        if let Some((mime, shown)) = self.open.take() {
            let Some(end) = find(&self.unread, END) else {
                self.open = Some((mime, shown));
                return false;
            };
            let mut text: Vec<u8> = self.unread.drain(..end + END.len()).collect();
            text.truncate(end);
            if text.last() == Some(&b'\n') {
                text.pop();
            }
            self.close(&mime, &text, shown, tell);
            return true;
        }
        let Some(start) = find(&self.unread, MARKER) else {
            let kept = MARKER.len().min(self.unread.len());
            let held = (1..=kept)
                .rev()
                .find(|&length| self.unread.ends_with(&MARKER[..length]))
                .unwrap_or(0);
            let text: Vec<u8> = self.unread.drain(..self.unread.len() - held).collect();
            self.print(&text, tell);
            return false;
        };
        let text: Vec<u8> = self.unread.drain(..start).collect();
        self.print(&text, tell);
        let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') else {
            if self.unread.len() < LONGEST {
                return false;
            }
            let text = mem::take(&mut self.unread);
            self.print(&text, tell);
            return false;
        };
        let line: Vec<u8> = self.unread.drain(..=end).collect();
        self.marker(&line, tell);
        true
    }

    /// Does what a line says that begins like a marker.
    fn marker(&mut self, line: &[u8], tell: &mut dyn FnMut(Effect)) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches('\n');
        if let Some(rest) = text.strip_prefix(BEGIN) {
            let mut words = rest.split(' ');
            let mime = words.next().unwrap_or_default().to_owned();
            let mut shown = Shown::default();
            for word in words {
                match word.strip_prefix("id=") {
                    Some(id) => shown.id = Some(id.to_owned()),
                    None => shown.update |= word == "update",
                }
            }
            self.open = Some((mime, shown));
        } else if let Some(rest) = text.strip_prefix(CLEAR) {
            self.flush(tell);
            tell(Effect::Clear {
                wait: rest == " wait",
            });
        } else if text == PANIC {
            self.panicked = true;
            self.for_evcxr.push(text.to_owned());
        } else if text == ERROR {
            self.failed = true;
            self.for_evcxr.push(text.to_owned());
        } else if text.starts_with(VARIABLE_CHANGED) {
            self.for_evcxr.push(text.to_owned());
        } else if let Some(prompt) = text.strip_prefix(PASSWORD) {
            self.ask(prompt, true, tell);
        } else if let Some(prompt) = text.strip_prefix(INPUT) {
            self.ask(prompt, false, tell);
        } else {
            self.print(line, tell);
        }
    }

    fn ask(&mut self, prompt: &str, password: bool, tell: &mut dyn FnMut(Effect)) {
        self.flush(tell);
        tell(Effect::Asks {
            prompt: prompt.to_owned(),
            password,
        });
    }

    fn close(&mut self, mime: &str, text: &[u8], new: Shown, tell: &mut dyn FnMut(Effect)) {
        let text = String::from_utf8_lossy(text).into_owned();
        let content = if mime.ends_with("json") {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        } else {
            Value::String(text)
        };
        let goes_on = self.shown.as_ref().is_some_and(|shown| {
            shown.id == new.id && shown.update == new.update && !shown.data.contains_key(mime)
        });
        if !goes_on {
            self.flush(tell);
        }
        let shown = self.shown.get_or_insert(new);
        shown.data.insert(mime.to_owned(), content);
    }

    fn flush(&mut self, tell: &mut dyn FnMut(Effect)) {
        if let Some(shown) = self.shown.take() {
            tell(Effect::Show(shown));
        }
    }

    fn print(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Effect)) {
        let text = self.characters.push(bytes);
        self.tell_text(text, tell);
    }

    fn tell_text(&mut self, text: String, tell: &mut dyn FnMut(Effect)) {
        if text.is_empty() {
            return;
        }
        self.flush(tell);
        tell(Effect::Print {
            stream: Stream::Stdout,
            text,
        });
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Everything told, with text joined, and the result; for input cut into
    /// pieces of every size.
    fn read(text: &str) -> (Vec<Value>, Option<Value>) {
        let all: Vec<_> = (1..=text.len()).map(|size| read_by(text, size)).collect();
        for other in &all {
            assert_eq!(other, &all[0], "{text:?} means the same in any pieces");
        }
        all.into_iter().next_back().unwrap_or_default()
    }

    fn read_by(text: &str, size: usize) -> (Vec<Value>, Option<Value>) {
        let mut told: Vec<Value> = Vec::new();
        let mut tell = |effect: Effect| {
            let effect = json!(effect);
            let joined = told.last_mut().and_then(|last| {
                let before = last["Print"]["text"].as_str()?.to_owned();
                let after = effect["Print"]["text"].as_str()?;
                last["Print"]["text"] = json!(before + after);
                Some(())
            });
            if joined.is_none() {
                told.push(effect);
            }
        };
        let mut markers = Markers::default();
        for piece in text.as_bytes().chunks(size) {
            markers.read(piece, &mut tell);
        }
        let result = markers.finish(&mut tell).map(Value::Object);
        (told, result)
    }

    fn print(text: &str) -> Value {
        json!({"Print": {"stream": "stdout", "text": text}})
    }

    #[test]
    fn text_is_text() {
        for text in [
            "a",
            "a\nü🦀\n",
            "EVC",
            "EVCXR_",
            "EVCXR_EXECUTION_COMPLETE\nmore",
            "x EVCXR_y\n",
        ] {
            assert_eq!(read(text), (vec![print(text)], None));
        }
    }

    #[test]
    fn content_at_the_end_is_the_result() {
        let shown = "EVCXR_BEGIN_CONTENT text/html\n<b>\nx</b>\nEVCXR_END_CONTENT\n";
        let plain = "EVCXR_BEGIN_CONTENT text/plain\nx\nEVCXR_END_CONTENT\n";
        let both = json!({"text/html": "<b>\nx</b>", "text/plain": "x"});
        assert_eq!(
            read(&format!("before{shown}{plain}")),
            (vec![print("before")], Some(both.clone()))
        );
        let show = json!({"Show": {"data": both, "id": null, "update": false}});
        assert_eq!(
            read(&format!("{shown}{plain}after")),
            (vec![show, print("after")], None)
        );
    }

    #[test]
    fn the_same_type_twice_is_two_things() {
        let one = "EVCXR_BEGIN_CONTENT text/plain\n1\nEVCXR_END_CONTENT\n";
        let (told, result) = read(&format!("{one}{one}"));
        assert_eq!(told.len(), 1);
        assert_eq!(result, Some(json!({"text/plain": "1"})));
    }

    #[test]
    fn named_content_is_updated_and_cleared() {
        let (told, result) = read(
            "EVCXR_BEGIN_CONTENT application/json id=a\n{\"x\":1}\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/plain id=a update\n2\nEVCXR_END_CONTENT\n\
             EVCXR_CLEAR_OUTPUT wait\n",
        );
        assert_eq!(
            told,
            [
                json!({"Show": {"data": {"application/json": {"x": 1}}, "id": "a", "update": false}}),
                json!({"Show": {"data": {"text/plain": "2"}, "id": "a", "update": true}}),
                json!({"Clear": {"wait": true}}),
            ]
        );
        assert_eq!(result, None);
    }

    #[test]
    fn what_is_held_back_goes_out_in_a_pause() {
        let mut told = Vec::new();
        let mut markers = Markers::default();
        markers.read(b"so farEVC", &mut |_| {});
        assert!(markers.holds_back());
        markers.pause(&mut |it| told.push(json!(it)));
        assert!(!markers.holds_back());
        assert_eq!(told, [print("EVC")]);
        assert_eq!(markers.finish(&mut |_| {}), None);
    }

    #[test]
    fn what_is_for_evcxr_is_kept_for_it() {
        let mut markers = Markers::default();
        markers.read(b"no newlineEVCXR_PANIC_NOTIFICATION\n", &mut |_| {});
        assert!(markers.panicked);
        assert_eq!(markers.for_evcxr, ["EVCXR_PANIC_NOTIFICATION"]);
    }
}
