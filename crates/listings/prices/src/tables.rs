//! The tables that the chapter reads, out of the prices.

use crate::Prices;
use crate::machine::locked;
use crate::measure::{self, COMPARED, ROOMS};

/// What stands above each table: a line each, for the chapter to quote.
pub struct Head {
    /// How often what was run, and by which compilers.
    pub runs: String,
    /// Where, when, and beside what.
    pub machine: String,
}

impl Head {
    /// A whole file.
    pub fn above(&self, table: &str) -> String {
        let crates = ["crossbeam-channel", "tokio", "rayon", "flume", "kanal"];
        let crates = crates.map(|name| format!("{name} {}", locked(name)));
        format!(
            "{}\n{}\nwith {}, and optimization\n\n{table}",
            self.runs,
            self.machine,
            crates.join(", ")
        )
    }
}

/// The shapes in which messages are sent, with the files that hold their tables.
pub const SHAPES: [(&str, &str); 6] = [
    ("seq", "channels-seq"),
    ("spsc", "channels-spsc"),
    ("mpsc", "channels-mpsc"),
    ("mpmc", "channels-mpmc"),
    ("select_rx", "channels-select-rx"),
    ("select_both", "channels-select-both"),
];

/// The channels, in the tables' order.
pub const CHANNELS: [&str; 6] = ["Go", "tokio", "crossbeam", "std's mpsc", "flume", "kanal"];

/// The columns of their tables.
const ROOMS_IN_WORDS: [&str; COMPARED.len()] = ["no room", "room for 1", "room for 1,000"];

/// Stands where there is nothing to measure.
const IMPOSSIBLE: &str = "–";

/// Every table, by its file's name.
///
/// # Errors
/// Says which price is missing.
pub fn all(prices: &Prices) -> Result<Vec<(&'static str, String)>, String> {
    let mut tables = vec![
        ("starts", starts(prices)?),
        ("locks", locks(prices)?),
        ("channels-by-room", by_room(prices)?),
    ];
    for (shape, file) in SHAPES {
        tables.push((file, channels(prices, shape)?));
    }
    Ok(tables)
}

fn starts(prices: &Prices) -> Result<String, String> {
    let mut table = String::from("| what | one after the other | many at once |\n");
    for (row, one, many) in [
        ("thread", "one thread", "many thread"),
        ("scope", "one scope", "many scope"),
        ("rayon", "one rayon", "many rayon"),
        ("tokio", "one tokio", "many tokio"),
        ("goroutine", "one goroutine in Go", "many goroutine in Go"),
    ] {
        let (one, many) = (median(of(prices, one)?), median(of(prices, many)?));
        table += &format!("| {row} | {} | {} |\n", short(one), short(many));
    }
    Ok(table)
}

fn locks(prices: &Prices) -> Result<String, String> {
    let mut table = String::from("| what | Rust | Go |\n");
    for (row, what) in [
        ("a lock that nobody else wants", "lock alone"),
        ("a lock that two want", "lock wanted"),
    ] {
        let rust = median(of(prices, what)?);
        let go = median(of(prices, &format!("{what} in Go"))?);
        table += &format!("| {row} | {} | {} |\n", short(rust), short(go));
    }
    Ok(table)
}

/// One sends and one receives, in every room.
fn by_room(prices: &Prices) -> Result<String, String> {
    let channels = ["crossbeam", "tokio", "Go"];
    let mut table = format!("| room | {} |\n", channels.join(" | "));
    for room in ROOMS {
        let label = match room {
            0 => "none".to_owned(),
            _ => room.to_string(),
        };
        table += &format!("| {label} |");
        for channel in channels {
            let cell = match message(prices, "spsc", channel, room)? {
                Some(prices) => format!("{:.0} ns", median(prices)),
                None => IMPOSSIBLE.to_owned(),
            };
            table += &format!(" {cell} |");
        }
        table.push('\n');
    }
    Ok(table)
}

/// Every channel in this shape: the median, and the least and the most that it took.
fn channels(prices: &Prices, shape: &str) -> Result<String, String> {
    let mut table = format!("| channel | {} |\n", ROOMS_IN_WORDS.join(" | "));
    for channel in CHANNELS {
        table += &format!("| {channel} |");
        for room in COMPARED {
            let cell = match message(prices, shape, channel, room)? {
                Some(prices) => spread(prices),
                None => IMPOSSIBLE.to_owned(),
            };
            table += &format!(" {cell} |");
        }
        table.push('\n');
    }
    Ok(table)
}

/// The prices of a message; none where there is no such message.
fn message<'a>(
    prices: &'a Prices,
    shape: &str,
    channel: &str,
    room: usize,
) -> Result<Option<&'a [f64]>, String> {
    if !measure::is_possible(shape, channel, room) {
        return Ok(None);
    }
    let place = if channel == "Go" { " in Go" } else { "" };
    of(prices, &format!("{shape} {channel} {room}{place}")).map(Some)
}

/// The medians of all prices.
pub struct Medians<'a>(pub &'a Prices);

impl Medians<'_> {
    /// # Errors
    /// Says that nobody measured it.
    pub fn of(&self, what: &str) -> Result<f64, String> {
        of(self.0, what).map(median)
    }

    /// # Errors
    /// Says that nobody measured it, or can.
    pub fn of_message(&self, shape: &str, channel: &str, room: usize) -> Result<f64, String> {
        let prices = message(self.0, shape, channel, room)?;
        let prices = prices.ok_or_else(|| format!("{channel} can't do {shape} with room {room}"));
        prices.map(median)
    }
}

fn of<'a>(prices: &'a Prices, what: &str) -> Result<&'a [f64], String> {
    let prices = prices.get(what).map(Vec::as_slice);
    prices.ok_or_else(|| format!("nobody measured {what:?}"))
}

/// `340 ns (83 ns to 9.0 µs)`.
fn spread(prices: &[f64]) -> String {
    let least = prices.iter().copied().fold(f64::INFINITY, f64::min);
    let most = prices.iter().copied().fold(0.0, f64::max);
    let middle = short(median(prices));
    format!("{middle} ({} to {})", short(least), short(most))
}

fn median(prices: &[f64]) -> f64 {
    let mut sorted = prices.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// In microseconds, or milliseconds, where that is shorter.
fn short(price: f64) -> String {
    // What is rounded to the next unit is told in it.
    match price {
        ..999.5 => format!("{price:.0} ns"),
        ..99_950.0 => format!("{:.1} µs", price / 1e3),
        ..999_500.0 => format!("{:.0} µs", price / 1e3),
        _ => format!("{:.1} ms", price / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::{median, short, spread};

    #[test]
    fn the_middle_one_counts() {
        assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(&[9.0, 1.0, 5.0, 6.0]), 5.5);
        assert_eq!(median(&[3.0]), 3.0);
    }

    #[test]
    fn a_price_is_short() {
        assert_eq!(short(237.6), "238 ns");
        assert_eq!(short(999.7), "1.0 µs");
        assert_eq!(short(79_366.5), "79.4 µs");
        assert_eq!(short(679_465.9), "679 µs");
        assert_eq!(short(2_104_000.0), "2.1 ms");
    }

    #[test]
    fn a_spread_goes_from_the_least_to_the_most() {
        assert_eq!(spread(&[340.0, 9_012.0, 83.0]), "340 ns (83 ns to 9.0 µs)");
    }
}
