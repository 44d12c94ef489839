//! Where in the notebook something is that the compiler, or a panic, places in
//! the file that evcxr makes of a cell and of all that earlier ones define.

use crate::cell::pieces::pieces;

/// What evcxr calls that file.
const FILE: &str = "src/lib.rs:";

/// How many cells are remembered.
const REMEMBERED: usize = 500;

/// The cells that have come so far.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Each with its number in the notebook, if it has one.
    cells: Vec<(Option<u32>, String)>,
}

/// A place in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) cell: Option<u32>,
    pub(super) line: usize,
    pub(super) column: usize,
    /// The text of that line.
    pub(super) text: String,
}

impl Places {
    pub(super) fn add(&mut self, cell: Option<u32>, code: &str) {
        self.cells.push((cell, code.to_owned()));
        if self.cells.len() > REMEMBERED {
            self.cells.remove(0);
        }
    }

    /// Where a line and column of evcxr's file are in a cell: in the last one
    /// that has that text.
    pub(super) fn find(&self, file: &str, line: usize, column: usize) -> Option<Place> {
        let in_file = byte_of(file, line, column)?;
        self.cells.iter().rev().find_map(|(cell, code)| {
            let at = pieces(code).into_iter().find_map(|piece| {
                let text = &code[piece.begins..piece.at.end];
                let mut found = file.match_indices(text).map(|(at, _)| at);
                let at = found.find(|at| (*at..=at + text.len()).contains(&in_file))?;
                Some(piece.begins + in_file - at)
            })?;
            let before = &code[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            Some(Place {
                cell: *cell,
                line: before.matches('\n').count() + 1,
                column: code[start..at].chars().count() + 1,
                text: code[start..].lines().next().unwrap_or_default().to_owned(),
            })
        })
    }

    /// The text with places in cells instead of those in evcxr's file.
    pub(super) fn named(&self, text: &str, file: &str) -> String {
        let mut named = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(FILE) {
            named += before;
            let found = position(after)
                .and_then(|(line, column, length)| Some((self.find(file, line, column)?, length)));
            rest = match found {
                Some((place, length)) => {
                    named += &place.to_string();
                    &after[length..]
                }
                None => {
                    named += FILE;
                    after
                }
            };
        }
        named + rest
    }

    /// The first place in evcxr's file that a text names.
    pub(super) fn first(&self, text: &str, file: &str) -> Option<Place> {
        let (line, column, _) = position(text.split_once(FILE)?.1)?;
        self.find(file, line, column)
    }
}

/// `12:5`, and how long that is.
fn position(text: &str) -> Option<(usize, usize, usize)> {
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let first = digits(text);
    let rest = text[first..].strip_prefix(':')?;
    let second = digits(rest);
    let (line, column) = (text[..first].parse().ok()?, rest[..second].parse().ok()?);
    Some((line, column, first + 1 + second))
}

/// The byte of a line and column, both from 1.
fn byte_of(text: &str, line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += text[start..].find('\n')? + 1;
    }
    let within = text[start..].char_indices().nth(column.checked_sub(1)?);
    within.map(|(at, _)| start + at)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", called(self.cell), self.line, self.column)
    }
}

/// What a cell is called in a place.
pub(super) fn called(cell: Option<u32>) -> String {
    cell.map_or_else(|| "cell".to_owned(), |number| format!("cell {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_last_cell_with_that_text() {
        let mut places = Places::default();
        places.add(
            Some(1),
            "struct A;\n\n  fn f() {\n    panic!(\"ü\"); x()\n}\nf();",
        );
        places.add(Some(2), "let y = 1;\ny + 1");
        let file = "#![generated]\nuse x::y;\nfn f() {\n    panic!(\"ü\"); x()\n}\nstruct A;\n\
            fn evcxr() {\nlet y = 1;\nsend(&(\ny + 1\n))";
        let place = |line, column| places.find(file, line, column).map(|it| it.to_string());
        assert_eq!(place(4, 5).as_deref(), Some("cell 1:4:5"));
        assert_eq!(place(4, 18).as_deref(), Some("cell 1:4:18"));
        assert_eq!(place(3, 4).as_deref(), Some("cell 1:3:6"));
        assert_eq!(place(10, 3).as_deref(), Some("cell 2:2:3"));
        for generated in [place(1, 1), place(7, 4), place(99, 1), place(1, 0)] {
            assert_eq!(generated, None);
        }
        let said = "thread 'main' panicked at src/lib.rs:4:5:\nü (src/lib.rs:1:1, src/lib.rs:x)";
        assert_eq!(
            places.named(said, file),
            "thread 'main' panicked at cell 1:4:5:\nü (src/lib.rs:1:1, src/lib.rs:x)"
        );
        assert_eq!(
            places.first(said, file).unwrap().text,
            "    panic!(\"ü\"); x()"
        );
    }
}
