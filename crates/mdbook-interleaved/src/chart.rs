//! Makes a chart of a listing's recorded rows: what is on its axes, and how far
//! along them each value is. It knows nothing of drawing.

use crate::recorded::{Quantity, Table, seconds_in};
use anyhow::{Context, Result, ensure};
use outcomes_protocol::with_separators;

/// Numbers against numbers.
pub(crate) struct Chart<'a> {
    labels: Labels<'a>,
    x_unit: String,
    y_unit: String,
    x: Scale,
    y: Scale,
    series: Vec<Series>,
}

/// What the author calls things, where he doesn't leave it to the units.
pub(crate) struct Labels<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: Option<&'a str>,
    pub(crate) y: Option<&'a str>,
}

/// One column of the rows, as points from left to right.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// From so many decades on, an axis has a text at each of them and nowhere else.
const DECADES_ENOUGH: f64 = 2.5;

/// How the values along an axis are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl<'a> Chart<'a> {
    /// A chart of every row whose label opens with a number.
    ///
    /// # Errors
    /// Says what the rows lack.
    pub(crate) fn of(table: &Table, labels: Labels<'a>) -> Result<Chart<'a>> {
        let mut x_unit = String::new();
        let mut rows: Vec<(f64, Vec<Quantity>)> = Vec::new();
        for row in &table.rows {
            let Some(x) = Quantity::read(&row.label) else {
                continue;
            };
            let cells = row
                .cells
                .iter()
                .map(|cell| {
                    Quantity::read(cell).with_context(|| {
                        format!("has {cell:?} in row {:?}, which is no number", row.label)
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            rows.push((x.value, cells));
            // `1 thread`, but `4 threads`: the last row has the plural.
            x_unit = x.unit;
        }
        ensure!(
            rows.len() >= 2,
            "has no two rows like \"4 threads: 12.3 ms\" to make a chart of"
        );
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));

        let y_unit = largest_unit(&rows);
        let series = series(&rows, table, &y_unit)?;
        let ys = series.iter().flat_map(|it| it.points.iter().map(|p| p.1));
        let y = Scale::over(ys);
        let x = Scale::over(rows.iter().map(|row| row.0));
        if let Some(name) = table.header.first() {
            x_unit.clone_from(name);
        }
        Ok(Chart {
            labels,
            x_unit,
            y_unit,
            x,
            y,
            series,
        })
    }

    pub(crate) fn title(&self) -> &str {
        self.labels.title
    }

    pub(crate) fn x_name(&self) -> &str {
        self.labels.x.unwrap_or(&self.x_unit)
    }

    pub(crate) fn y_name(&self) -> &str {
        self.labels.y.unwrap_or(&self.y_unit)
    }

    pub(crate) fn x(&self) -> &Scale {
        &self.x
    }

    pub(crate) fn y(&self) -> &Scale {
        &self.y
    }

    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// The chart in words: where each line begins, ends, and is lowest.
    pub(crate) fn description(&self) -> String {
        let point = |(x, y): (f64, f64)| {
            let (x_unit, y_unit) = (&self.x_unit, &self.y_unit);
            format!("{} {y_unit} at {} {x_unit}", number(y), number(x))
        };
        let mut text = format!("{} against {}", self.y_name(), self.x_name());
        let scales = match (self.x.logarithmic, self.y.logarithmic) {
            (true, true) => ", both on logarithmic scales. ",
            (true, false) => ", the latter on a logarithmic scale. ",
            (false, true) => ", the former on a logarithmic scale. ",
            (false, false) => ". ",
        };
        text.push_str(scales);
        for series in &self.series {
            let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else {
                continue;
            };
            let lowest = series.points.iter().min_by(|a, b| a.1.total_cmp(&b.1));
            if self.series.len() > 1 {
                text.push_str(&format!("{}: ", series.name));
            }
            text.push_str(&format!("From {} to {}", point(*first), point(*last)));
            if let Some(lowest) = lowest.filter(|it| *it != first && *it != last) {
                text.push_str(&format!("; lowest, {}", point(*lowest)));
            }
            text.push_str(". ");
        }
        text.trim_end().to_owned()
    }
}

fn series(rows: &[(f64, Vec<Quantity>)], table: &Table, unit: &str) -> Result<Vec<Series>> {
    let columns = rows[0].1.len();
    (0..columns)
        .map(|column| {
            let points = rows
                .iter()
                .map(|(x, cells)| {
                    let cell = cells.get(column).context("has rows of different lengths")?;
                    let y = cell.in_unit(unit).with_context(|| {
                        format!("measures in {:?} as well as in {unit:?}", cell.unit)
                    })?;
                    Ok((*x, y))
                })
                .collect::<Result<Vec<_>>>()?;
            Ok(Series {
                name: table.header.get(column + 1).cloned().unwrap_or_default(),
                points,
            })
        })
        .collect()
}

/// Values in ms and s are all shown in s.
fn largest_unit(rows: &[(f64, Vec<Quantity>)]) -> String {
    let units = || rows.iter().flat_map(|row| &row.1).map(|cell| &cell.unit);
    let largest = units()
        .filter_map(|unit| Some((seconds_in(unit)?, unit)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match largest {
        Some((_, unit)) => unit.clone(),
        None => units().next().cloned().unwrap_or_default(),
    }
}

impl Scale {
    /// A scale with room for all values: logarithmic where they span a decade
    /// or more, else from zero.
    fn over(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        if low > 0.0 && high / low >= 10.0 {
            let (mut low, high) = (widened(low, low_step), widened(high, high_step));
            if (high / low).log10() >= DECADES_ENOUGH {
                // The lowest of them has its text, too.
                low = 10f64.powf(low.log10().floor());
            }
            return Scale {
                low,
                high,
                logarithmic: true,
            };
        }
        let step = linear_step(low.min(0.0), high);
        Scale {
            low: (low.min(0.0) / step).floor() * step,
            high: ((high / step).ceil() * step).max(step),
            logarithmic: false,
        }
    }

    /// A logarithmic scale from one power of ten to another, with room for all
    /// values, which are above zero.
    pub(crate) fn of_decades(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(0.0, f64::max);
        let low = low.log10().floor();
        Scale {
            low: 10f64.powf(low),
            high: 10f64.powf(high.log10().ceil().max(low + 1.0)),
            logarithmic: true,
        }
    }

    /// The least and the most that it has room for.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The powers of ten within it.
    pub(crate) fn decades(&self) -> impl Iterator<Item = f64> {
        let (first, last) = (self.low.log10().ceil(), self.high.log10().floor());
        (first as i32..=last as i32).map(|power| 10f64.powi(power))
    }

    /// What stands behind the name of an axis that isn't linear.
    pub(crate) fn remark(&self) -> &'static str {
        if self.logarithmic {
            " (logarithmic)"
        } else {
            ""
        }
    }

    /// How far along the axis a value is, from 0 to 1.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        if self.logarithmic {
            return (value / self.low).log10() / (self.high / self.low).log10();
        }
        (value - self.low) / (self.high - self.low)
    }

    /// The values to mark, with their texts.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let values: Vec<f64> = if self.logarithmic {
            let first = self.low.log10().floor() as i32;
            let last = self.high.log10().ceil() as i32;
            // Decades alone where there are enough of them.
            let steps: &[f64] = match (self.high / self.low).log10() {
                decades if decades < DECADES_ENOUGH => &[1.0, 2.0, 5.0],
                _ => &[1.0],
            };
            (first..=last)
                .flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)))
                .filter(|value| self.holds(*value))
                .collect()
        } else {
            let step = linear_step(self.low, self.high);
            let count = ((self.high - self.low) / step).round() as i32;
            (0..=count)
                .map(|n| self.low + step * f64::from(n))
                .collect()
        };
        values.into_iter().map(|it| (it, number(it))).collect()
    }

    fn holds(&self, value: f64) -> bool {
        value >= self.low * 0.999 && value <= self.high * 1.001
    }
}

/// The nearest round value (1, 2 or 5 times a power of ten) beyond this one.
fn widened(value: f64, beyond: fn(f64) -> f64) -> f64 {
    let decade = 10f64.powf(value.log10().floor());
    beyond(value / decade) * decade
}

fn low_step(mantissa: f64) -> f64 {
    [5.0, 2.0]
        .into_iter()
        .find(|step| mantissa >= *step)
        .unwrap_or(1.0)
}

fn high_step(mantissa: f64) -> f64 {
    [1.0, 2.0, 5.0]
        .into_iter()
        .find(|step| mantissa <= *step)
        .unwrap_or(10.0)
}

/// A round step that makes about five of the range.
fn linear_step(low: f64, high: f64) -> f64 {
    let range = if high > low { high - low } else { 1.0 };
    widened(range / 5.0, high_step)
}

/// `10,000`, `0.5`, `12.3`.
pub(crate) fn number(value: f64) -> String {
    let rounded = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        let digits = (3 - value.abs().max(1e-9).log10().ceil() as i32).clamp(0, 9);
        let text = format!("{value:.*}", digits as usize);
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    };
    let (whole, fraction) = match rounded.split_once('.') {
        Some((whole, fraction)) => (whole.to_owned(), format!(".{fraction}")),
        None => (rounded, String::new()),
    };
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    match digits.parse() {
        Ok(number) => format!("{sign}{}{fraction}", with_separators(number)),
        Err(_) => whole + &fraction,
    }
}
