//! What the chapter says in words about the prices. New figures may prove it wrong,
//! and whoever measures them is told so.

use crate::measure::is_possible;
use crate::tables::Medians;
use std::fs;
use std::path::Path;

/// The channels between threads.
const THREADS: [&str; 4] = ["crossbeam", "std's mpsc", "flume", "kanal"];

/// Sentences of the chapter, each with whether it is so.
///
/// # Errors
/// Says which price is missing.
fn claims(medians: &Medians) -> Result<[(&'static str, bool); 9], String> {
    let price = |what: &str| medians.of(what);
    let message = |shape, channel, room| medians.of_message(shape, channel, room);
    let between_threads = |shape, room| {
        let able = THREADS
            .into_iter()
            .filter(|channel| is_possible(shape, channel, room));
        able.map(|channel| message(shape, channel, room))
            .collect::<Result<Vec<f64>, String>>()
    };
    let least = |prices: Vec<f64>| prices.into_iter().fold(f64::INFINITY, f64::min);
    let most = |prices: Vec<f64>| prices.into_iter().fold(0.0, f64::max);

    let goroutine = price("one goroutine in Go")?;
    let goroutines = price("many goroutine in Go")?;
    let thread = price("one thread")?.min(price("one scope")?);
    let threads = price("many thread")?.min(price("many scope")?);
    let rendezvous = message("spsc", "Go", 0)?;
    let mut without_room = Vec::new();
    for shape in ["spsc", "mpsc", "mpmc", "select_rx", "select_both"] {
        let theirs = message(shape, "Go", 0)?;
        without_room.push(theirs < least(between_threads(shape, 0)?));
    }
    let mut saved_by_room = Vec::new();
    for (none, thousand) in between_threads("spsc", 0)?
        .into_iter()
        .zip(between_threads("spsc", 1000)?)
    {
        saved_by_room.push(none / thousand);
    }
    Ok([
        (
            "Go wins against threads by far.",
            thread > 20.0 * goroutine && threads > 20.0 * goroutines,
        ),
        (
            "A task of tokio's is the same idea, and costs about as much, or a few times that.",
            price("one tokio")? < 6.0 * goroutine && price("many tokio")? < 6.0 * goroutines,
        ),
        (
            "A job of rayon's costs even less, if it is started by somebody who is in the pool.",
            price("many rayon")? < goroutines,
        ),
        (
            "All three are cheaper with much room than with little.",
            message("spsc", "crossbeam", 0)? > message("spsc", "crossbeam", 1000)?
                && message("spsc", "tokio", 1)? > message("spsc", "tokio", 1000)?
                && rendezvous > message("spsc", "Go", 1000)?,
        ),
        (
            "Go wins a rendezvous, too, and by far.",
            least(between_threads("spsc", 0)?) > 3.0 * rendezvous,
        ),
        (
            "Its price with room for one is a few times Go's.",
            (1.0..8.0).contains(&(message("spsc", "tokio", 1)? / message("spsc", "Go", 1)?)),
        ),
        (
            "each channel for threads costs a fraction of what it does without room",
            least(saved_by_room) > 3.0,
        ),
        (
            "Without room, Go is first in all of these shapes.",
            without_room.iter().all(|is_first| *is_first),
        ),
        (
            "Here each channel for threads is cheaper than Go's.",
            most(between_threads("seq", 1)?) < message("seq", "Go", 1)?
                && most(between_threads("seq", 1000)?) < message("seq", "Go", 1000)?,
        ),
    ])
}

/// What the chapter says that isn't so, by these prices.
///
/// # Errors
/// Says which price is missing, or which of the sentences isn't in the chapter.
pub fn refuted(medians: &Medians) -> Result<Vec<&'static str>, String> {
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../book/src/costs.md");
    let text = fs::read_to_string(&chapter)
        .map_err(|error| format!("cannot read {}: {error}", chapter.display()))?;
    let mut refuted = Vec::new();
    for (sentence, holds) in claims(medians)? {
        if !text.contains(sentence) {
            return Err(format!("the chapter on costs doesn't say {sentence:?}"));
        }
        if !holds {
            refuted.push(sentence);
        }
    }
    Ok(refuted)
}

#[cfg(test)]
mod tests {
    use super::refuted;
    use crate::Prices;
    use crate::measure::{COMPARED, is_possible};
    use crate::tables::{CHANNELS, Medians, SHAPES};

    /// Prices by which all is so: threads wait at ten times the price, and more.
    fn plausible() -> Prices {
        let mut prices = Prices::new();
        let mut set = |what: String, price: f64| _ = prices.insert(what, vec![price]);
        for how in ["one", "many"] {
            set(format!("{how} thread"), 40_000.0);
            set(format!("{how} scope"), 40_000.0);
            set(format!("{how} rayon"), 100.0);
            set(format!("{how} tokio"), 500.0);
            set(format!("{how} goroutine in Go"), 300.0);
        }
        for (shape, _) in SHAPES {
            for channel in CHANNELS {
                for room in COMPARED {
                    let price = match (channel, room) {
                        ("Go", _) => 100.0 - room as f64 / 100.0,
                        ("tokio", _) => 300.0 - room as f64 / 100.0,
                        _ if shape == "seq" => 20.0,
                        (_, 1000) => 150.0,
                        _ => 1_000.0,
                    };
                    let place = if channel == "Go" { " in Go" } else { "" };
                    if is_possible(shape, channel, room) {
                        set(format!("{shape} {channel} {room}{place}"), price);
                    }
                }
            }
        }
        prices
    }

    #[test]
    fn what_holds_is_not_refuted() {
        assert_eq!(refuted(&Medians(&plausible())).unwrap(), [""; 0]);
    }

    #[test]
    fn what_new_figures_refute_is_told() {
        for (what, price, sentence) in [
            ("one goroutine in Go", 30_000.0, "Go wins against threads"),
            ("many tokio", 5_000.0, "A task of tokio's"),
            ("many rayon", 400.0, "A job of rayon's"),
            ("spsc Go 1000 in Go", 200.0, "All three are cheaper"),
            ("spsc kanal 0", 250.0, "Go wins a rendezvous, too"),
            ("spsc tokio 1", 5_000.0, "Its price with room for one"),
            ("spsc flume 1000", 900.0, "each channel for threads"),
            ("select_both crossbeam 0", 90.0, "Without room, Go is first"),
            ("seq kanal 1000", 110.0, "Here each channel for threads"),
        ] {
            let mut prices = plausible();
            prices.insert(what.to_owned(), vec![price]);
            let refuted = refuted(&Medians(&prices)).unwrap();
            let told = refuted.iter().any(|it| it.starts_with(sentence));
            assert!(told, "{what}: {refuted:?}");
        }
    }

    #[test]
    fn what_nobody_measured_is_named() {
        let mut prices = plausible();
        prices.remove("spsc kanal 0");
        let error = refuted(&Medians(&prices)).unwrap_err();
        assert_eq!(error, "nobody measured \"spsc kanal 0\"");
    }
}
