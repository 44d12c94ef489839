//! Makes a table with a scale in each cell of a listing's recorded rows, where these
//! aren't about numbers, or tell what was measured several times. It knows nothing
//! of drawing.

use crate::chart::{Scale, number};
use crate::recorded::{Quantity, Row, Spread, Table, seconds_in};
use anyhow::{Context, Result, ensure};

/// A table of spreads, all on one scale.
pub(crate) struct Spreads<'a> {
    pub(crate) title: &'a str,
    pub(crate) header: &'a [String],
    pub(crate) rows: Vec<(&'a str, Vec<Cell<'a>>)>,
    pub(crate) scale: Scale,
    unit: String,
}

/// What stands in one place of the table.
pub(crate) enum Cell<'a> {
    /// Nothing was measured.
    Text(&'a str),
    Measured {
        spread: Spread<'a>,
        /// The least, the middle one and the most, all in the same unit.
        values: [f64; 3],
    },
}

impl<'a> Spreads<'a> {
    /// Whether these rows are to be shown so, and not as lines.
    pub(crate) fn are_in(table: &Table) -> bool {
        let mut labels = table.rows.iter().map(|row| Quantity::read(&row.label));
        let have_names = !table.rows.is_empty() && labels.all(|number| number.is_none());
        have_names || cells(table).any(|cell| Spread::read(cell).is_some())
    }

    /// # Errors
    /// Says which cells have nothing in common.
    pub(crate) fn of(table: &'a Table, title: &'a str) -> Result<Spreads<'a>> {
        let first = cells(table).find_map(|cell| Quantity::read(spread(cell)?.middle));
        ensure!(first.is_some(), "has no row with a number to draw");
        let unit = match first.map_or_else(String::new, |it| it.unit) {
            time if seconds_in(&time).is_some() => "s".to_owned(),
            other => other,
        };
        let row = |row: &'a Row| {
            let cells = row.cells.iter().map(|cell| Cell::read(cell, &unit));
            Ok((row.label.as_str(), cells.collect::<Result<Vec<_>>>()?))
        };
        let rows = table.rows.iter().map(row).collect::<Result<Vec<_>>>()?;
        let measured = rows.iter().flat_map(|(_, cells)| cells);
        let values = measured.flat_map(|cell| match cell {
            Cell::Text(_) => &[][..],
            Cell::Measured { values, .. } => values,
        });
        Ok(Spreads {
            title,
            header: &table.header,
            scale: Scale::of_decades(values.copied()),
            rows,
            unit,
        })
    }

    /// The two ends of the scale.
    pub(crate) fn ends(&self) -> [String; 2] {
        let (low, high) = self.scale.ends();
        [low, high].map(|value| self.text(value))
    }

    fn text(&self, value: f64) -> String {
        let smaller = ["ns", "µs", "ms"].into_iter().filter(|_| self.unit == "s");
        let fitting = smaller.filter_map(|unit| {
            let value = value / seconds_in(unit)?;
            // 1e-6 / 1e-9 is a little less than a thousand.
            (value < 999.0).then(|| format!("{} {unit}", number(value)))
        });
        let fitting = fitting.take(1).next();
        fitting.unwrap_or_else(|| format!("{} {}", number(value), self.unit))
    }
}

impl<'a> Cell<'a> {
    fn read(cell: &'a str, unit: &str) -> Result<Cell<'a>> {
        let Some(spread) = spread(cell) else {
            return Ok(Cell::Text(cell));
        };
        let mut values = [0.0; 3];
        let written = [spread.least, spread.middle, spread.most];
        for (value, written) in values.iter_mut().zip(written) {
            let converted = Quantity::read(written).and_then(|it| it.in_unit(unit));
            *value = converted
                .with_context(|| format!("has {cell:?}, which isn't measured in {unit:?}"))?;
        }
        let [least, middle, most] = values;
        ensure!(
            0.0 < least && least <= middle && middle <= most,
            "has {cell:?}, whose numbers aren't from the least to the most"
        );
        Ok(Cell::Measured { spread, values })
    }
}

/// What a cell tells. Measured once, the least is the most.
fn spread(cell: &str) -> Option<Spread<'_>> {
    Spread::read(cell).or_else(|| {
        Quantity::read(cell).map(|_| Spread {
            middle: cell,
            least: cell,
            most: cell,
        })
    })
}

fn cells(table: &Table) -> impl Iterator<Item = &str> {
    table.rows.iter().flat_map(|row| &row.cells).map(|it| &**it)
}
