//! The tables that the chapter reads, out of the prices.

use crate::Prices;
use crate::machine::locked;
use crate::measure::ROOMS;

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

/// Every table, by its file's name.
///
/// # Errors
/// Says which price is missing.
pub fn all(prices: &Prices) -> Result<[(&'static str, String); 4], String> {
    let of = |what: &str| {
        let prices = prices.get(what);
        prices.map_or_else(
            || Err(format!("nobody measured {what:?}")),
            |it| Ok(median(it)),
        )
    };
    let mut starts = String::from("| what | one after the other | many at once |\n");
    for (row, one, many) in [
        ("thread", "one thread", "many thread"),
        ("scope", "one scope", "many scope"),
        ("rayon", "one rayon", "many rayon"),
        ("tokio", "one tokio", "many tokio"),
        ("goroutine", "one goroutine in Go", "many goroutine in Go"),
    ] {
        starts += &format!("| {row} | {} | {} |\n", short(of(one)?), short(of(many)?));
    }
    let mut locks = String::from("| what | Rust | Go |\n");
    for (row, what) in [
        ("a lock that nobody else wants", "lock alone"),
        ("a lock that two want", "lock wanted"),
    ] {
        let go = of(&format!("{what} in Go"))?;
        locks += &format!(
            "| {row} | {} | {} |\n",
            nanoseconds(of(what)?),
            nanoseconds(go)
        );
    }
    let messages = |columns: &[(&str, &str)]| {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let mut table = format!("| room | {} |\n", names.join(" | "));
        for room in ROOMS {
            let label = match room {
                0 => "none".to_owned(),
                _ => room.to_string(),
            };
            table += &format!("| {label} |");
            for (_, channel) in columns {
                let cell = match (*channel, room) {
                    ("tokio", 0) => "–".to_owned(),
                    ("Go", _) => nanoseconds(of(&format!("message Go {room} in Go"))?),
                    _ => nanoseconds(of(&format!("message {channel} {room}"))?),
                };
                table += &format!(" {cell} |");
            }
            table.push('\n');
        }
        Ok::<_, String>(table)
    };
    let every = [
        ("crossbeam", "crossbeam"),
        ("std's mpsc", "mpsc"),
        ("flume", "flume"),
        ("kanal", "kanal"),
        ("tokio", "tokio"),
        ("Go", "Go"),
    ];
    let some = [every[0], every[4], every[5]];
    Ok([
        ("starts", starts),
        ("locks", locks),
        ("messages", messages(&every)?),
        ("messages-beside-go", messages(&some)?),
    ])
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

fn nanoseconds(price: f64) -> String {
    format!("{price:.0} ns")
}

/// In microseconds where that is shorter.
fn short(price: f64) -> String {
    match price >= 1000.0 {
        true => format!("{:.1} µs", price / 1000.0),
        false => nanoseconds(price),
    }
}

#[cfg(test)]
mod tests {
    use super::{median, short};

    #[test]
    fn the_middle_one_counts() {
        assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(&[9.0, 1.0, 5.0, 6.0]), 5.5);
        assert_eq!(median(&[3.0]), 3.0);
    }

    #[test]
    fn a_price_is_short() {
        assert_eq!(short(79_366.5), "79.4 µs");
        assert_eq!(short(237.6), "238 ns");
    }
}
