//! Where a program's text comes from that other cells have defined. It stands
//! below the program's own in the file that is compiled, so what the compiler, a
//! panic or the engine places there is in another cell.

use runner::build::FILE_NAME;
use std::borrow::Cow;

/// The parts of a program that are other cells'.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Origins(Vec<Origin>);

#[derive(Clone, Debug, PartialEq)]
struct Origin {
    /// Its first line in the program, from 1.
    begins: usize,
    lines: usize,
    at: At,
}

/// A place in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct At {
    pub(crate) cell: u32,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl At {
    /// Where a byte of a cell's code is.
    pub(crate) fn of(cell: u32, code: &str, byte: usize) -> At {
        let before = &code[..byte];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        At {
            cell,
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

impl Origins {
    /// What is added to a program's text next comes from there.
    pub(crate) fn add(&mut self, so_far: &str, text: &str, at: At) {
        self.0.push(Origin {
            begins: so_far.matches('\n').count() + 1,
            lines: text.matches('\n').count() + 1,
            at,
        });
    }

    /// The text with the places in other cells called so.
    pub(crate) fn named<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.is_empty() || !text.contains(FILE_NAME) {
            return text.into();
        }
        let mut named = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(FILE_NAME) {
            named += before;
            match self.read(after) {
                Some((place, length)) => {
                    named += &place;
                    rest = &after[length..];
                }
                None => {
                    named += FILE_NAME;
                    rest = after;
                }
            }
        }
        named += rest;
        named.into()
    }

    /// The cell's name for what follows the file's, and how long that is.
    fn read(&self, text: &str) -> Option<(String, usize)> {
        let (line, length) = number_after_colon(text)?;
        let mut origins = self.0.iter();
        let origin = origins.find(|it| (it.begins..it.begins + it.lines).contains(&line))?;
        let At { cell, column, .. } = origin.at;
        let place = format!("cell {cell}:{}", origin.at.line + line - origin.begins);
        let Some((in_file, more)) = number_after_colon(&text[length..]) else {
            return Some((place, length));
        };
        // Only the first line was moved to the left.
        let moved = if line == origin.begins { column - 1 } else { 0 };
        Some((format!("{place}:{}", in_file + moved), length + more))
    }

    /// What a line of the file is called: its number, or a cell's name and the
    /// number of the line there.
    pub(crate) fn line(&self, line: usize) -> String {
        match self.read(&format!(":{line}")) {
            Some((place, _)) => place,
            None => line.to_string(),
        }
    }

    /// How much of the text's end may be the beginning of a place of which more
    /// is to come.
    pub(crate) fn unfinished(&self, text: &str) -> usize {
        let Some(at) = text.rfind(FILE_NAME).filter(|_| !self.0.is_empty()) else {
            return 0;
        };
        let mut parts = text[at + FILE_NAME.len()..].split(':');
        let is_number = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        let is_begun = parts.next() == Some("") && parts.by_ref().take(2).all(is_number);
        if is_begun && parts.next().is_none() {
            text.len() - at
        } else {
            0
        }
    }
}

/// `:12`, and how long that is.
fn number_after_colon(text: &str) -> Option<(usize, usize)> {
    let digits = text.strip_prefix(':')?;
    let length = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    Some((digits[..length].parse().ok()?, 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_below_the_programs_own_text_are_in_other_cells() {
        let mut text = "fn main() {}\n\n#[allow(warnings)]\n".to_owned();
        let mut origins = Origins::default();
        let cell = "struct A;  fn f() {\n    panic!()\n}";
        let item = &cell[11..];
        origins.add(&text, item, At::of(3, cell, 11));
        text += item;
        assert_eq!(text.lines().nth(3), Some("fn f() {"));
        for (in_file, named) in [
            ("at listing.rs:5:5:\n", "at cell 3:2:5:\n"),
            ("at listing.rs:4:1:\n", "at cell 3:1:12:\n"),
            ("waits at listing.rs:6", "waits at cell 3:3"),
            (
                "listing.rs:1:4 listing.rs:4 listing.rs:",
                "listing.rs:1:4 cell 3:1 listing.rs:",
            ),
            ("listing.rs:7:1", "listing.rs:7:1"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(origins.named(in_file), named);
        }
        assert_eq!(origins.line(5), "cell 3:2");
        assert_eq!(origins.line(1), "1");
        assert_eq!(Origins::default().named("listing.rs:5:5"), "listing.rs:5:5");
    }

    #[test]
    fn a_place_may_come_in_pieces() {
        let mut origins = Origins::default();
        origins.add("\n", "fn f() {}", At::of(1, "fn f() {}", 0));
        for (text, unfinished) in [
            ("at listing.rs", 10),
            ("at listing.rs:", 11),
            ("at listing.rs:12", 13),
            ("at listing.rs:12:", 14),
            ("at listing.rs:12:5", 15),
            ("at listing.rs:12:5:", 0),
            ("at listing.rs:12:5\n", 0),
            ("at listing.rs, x", 0),
            ("at listing", 0),
        ] {
            assert_eq!(origins.unfinished(text), unfinished, "{text}");
        }
        assert_eq!(Origins::default().unfinished("at listing.rs:"), 0);
    }
}
