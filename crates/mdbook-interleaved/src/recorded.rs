//! Reads what a listing printed when it was recorded, so that prose and charts
//! take their numbers from there.
//!
//! A line counts as a row of a [`Table`] if it looks like either of these:
//!
//! ```text
//!     4 threads:   12.3 ms
//! | threads | time    | memory |
//! |      4  | 12.3 ms | 1.2 MB |
//! ```
//!
//! The first kind is a label, a colon and a number with its unit (several,
//! parted by commas and a space, make several columns). Of the second kind, the
//! first line names the columns. Every other line is passed over.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The rows that a listing printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What the columns are called, the labels' own first; empty if the listing
    /// doesn't say.
    pub header: Vec<String>,
    /// The rows, in their order.
    pub rows: Vec<Row>,
}

/// One row of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the row is about: `4 threads`.
    pub label: String,
    /// What was measured: `12.3 ms`.
    pub cells: Vec<String>,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number.
    pub value: f64,
    /// The unit as printed; empty if there is none.
    pub unit: String,
}

impl Table {
    /// Reads the rows in a transcript.
    pub fn read(transcript: &str) -> Table {
        let mut table = Table::default();
        for line in transcript.lines() {
            if line.trim_start().starts_with('|') {
                table.read_cells(line);
            } else if let Some(row) = labelled_row(line) {
                table.rows.push(row);
            }
        }
        table
    }

    fn read_cells(&mut self, line: &str) {
        let line = line.trim().trim_matches('|');
        let is_rule = line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        if is_rule {
            return;
        }
        let mut cells: Vec<String> = line.split('|').map(collapse).collect();
        if self.header.is_empty() {
            self.header = cells;
            return;
        }
        let label = cells.remove(0);
        self.rows.push(Row { label, cells });
    }

    /// The cell in the row with this label: in the column of this name, or the
    /// row's only one.
    ///
    /// # Errors
    /// Says which labels or columns there are, if not this one.
    pub fn cell(&self, label: &str, column: Option<&str>) -> Result<String> {
        let label = collapse(label);
        let row = self
            .rows
            .iter()
            .find(|row| row.label == label)
            .with_context(|| {
                let labels: Vec<&str> = self.rows.iter().map(|row| row.label.as_str()).collect();
                format!("has no row {label:?}, only {labels:?}")
            })?;
        let Some(column) = column else {
            ensure!(
                row.cells.len() == 1,
                "has several columns in row {label:?}: say which, with column=\"…\""
            );
            return Ok(row.cells[0].clone());
        };
        let columns = self.header.get(1..).unwrap_or_default();
        columns
            .iter()
            .position(|name| *name == collapse(column))
            .and_then(|index| row.cells.get(index))
            .cloned()
            .with_context(|| format!("has no column {column:?}, only {columns:?}"))
    }
}

impl Quantity {
    /// Reads `12.3 ms`, `12.3ms`, `10,000 threads` or `7`.
    pub fn read(text: &str) -> Option<Quantity> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '_' | '-' | '+'))
            .unwrap_or(text.len());
        let digits: String = text[..end]
            .chars()
            .filter(|c| !matches!(c, ',' | '_'))
            .collect();
        Some(Quantity {
            value: digits
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())?,
            unit: text[end..].trim().to_owned(),
        })
    }

    /// The same in another unit, where both are units of time.
    pub fn in_unit(&self, unit: &str) -> Option<f64> {
        if self.unit == unit {
            return Some(self.value);
        }
        Some(self.value * seconds_in(&self.unit)? / seconds_in(unit)?)
    }
}

/// What was measured several times: `340 ns (83 ns to 9.0 µs)`. Each of the three
/// is a [`Quantity`], as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread<'a> {
    /// What counts: a median, or a mean.
    pub middle: &'a str,
    /// The least that was measured.
    pub least: &'a str,
    /// The most.
    pub most: &'a str,
}

impl<'a> Spread<'a> {
    /// Reads `340 ns (83 ns to 9.0 µs)`.
    pub fn read(text: &'a str) -> Option<Spread<'a>> {
        let (middle, range) = text.strip_suffix(')')?.split_once(" (")?;
        let (least, most) = range.split_once(" to ")?;
        let all = [middle, least, most];
        let are_quantities = all.iter().all(|it| Quantity::read(it).is_some());
        are_quantities.then_some(Spread {
            middle,
            least,
            most,
        })
    }
}

/// How many seconds one of these is, if it is a unit of time.
pub(crate) fn seconds_in(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "µs" | "μs" | "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    })
}

/// The line of that number, from 1, in a transcript.
///
/// # Errors
/// Says how many lines there are.
pub fn line(transcript: &str, number: &str) -> Result<String> {
    let count = transcript.lines().count();
    let index = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let Some(line) = index.and_then(|index| transcript.lines().nth(index)) else {
        bail!("has no line {number}, only 1 to {count}");
    };
    Ok(line.trim().to_owned())
}

/// The description in `machine.toml`, of the machine on which outputs were
/// recorded.
///
/// # Errors
/// Says that there is none.
pub fn machine(text: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Machine {
        description: String,
    }
    let machine: Machine =
        toml::from_str(text).context("needs a line such as description = \"4 cores\"")?;
    Ok(machine.description)
}

fn labelled_row(line: &str) -> Option<Row> {
    let (label, rest) = line.split_once(": ")?;
    let label = collapse(label);
    let cells: Vec<String> = rest.split(", ").map(collapse).collect();
    let is_row = !label.is_empty() && cells.iter().all(|cell| Quantity::read(cell).is_some());
    is_row.then_some(Row { label, cells })
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
