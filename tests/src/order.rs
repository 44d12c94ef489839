//! What a program guarantees about the lines that it prints: which are there,
//! and which comes before which, written by hand for a few listings. What is
//! recorded, what real runs print and what the engine finds are held against it,
//! and it shares nothing with them.
//!
//! # The form
//! A TOML file has a table for each listing (or several, where a program can
//! go several ways):
//!
//! ```toml
//! [[two-threads]]
//! main = ["Waiting…", "Done!"]                    # each thread's lines, in order
//! threads = [["Printing number 1", "Printing number 2"], ["Generating number 1"]]
//! before = ["* -> Done!"]                         # joined: all lines come first
//! ```
//!
//! A line may hold `{number}`, `{decimal}` (with the spaces that pad it),
//! `{6+}` (a number that is at least 6) or `{1|2}` (one of these).
//!
//! `cut = true` says that the process ends when `main` does, without waiting:
//! the other threads may have come to any point, and the very last line may be
//! torn.
//!
//! `handed-over` describes a channel that holds nothing: `main` prints `from`
//! for each item and sends it, and one of the workers prints `to`.

use anyhow::{Context, Result, ensure};
use mdbook_interleaved::listings::Ends;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The guarantees of some listings, by name.
pub type Orders = BTreeMap<String, Vec<Order>>;

/// Reads the guarantees of some listings.
///
/// # Errors
/// Says which can't be read, and why.
pub fn read(text: &str) -> Result<Orders> {
    let all: BTreeMap<String, Vec<Written>> =
        toml::from_str(text).context("the guarantees can't be read")?;
    all.into_iter()
        .map(|(name, ways)| {
            let ways = ways.into_iter().map(Order::try_from).collect::<Result<_>>();
            Ok((name.clone(), ways.with_context(|| format!("[[{name}]]"))?))
        })
        .collect()
}

/// Whether a program that guarantees one of these orders can print this, and
/// then end this way.
pub fn is_possible(orders: &[Order], output: &str, ends: Ends) -> bool {
    orders
        .iter()
        .filter(|order| order.ends.is_none_or(|only| only == ends))
        .any(|order| order.allows(output))
}

/// How many outputs a program that guarantees one of these orders can have,
/// torn lines aside. `None` if a line stands for many.
pub fn count(orders: &[Order]) -> Option<u64> {
    orders.iter().map(Order::count).sum()
}

/// One way in which a program may go, as it is written down.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    ends: Option<Ends>,
    #[serde(default)]
    main: Vec<String>,
    #[serde(default)]
    threads: Vec<Vec<String>>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    cut: bool,
    handed_over: Option<HandedOver>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HandedOver {
    /// What `main` prints before it sends an item: `sending {item}`.
    from: String,
    /// What a worker prints when it has one: `{worker}: read {item}`.
    to: String,
    items: Vec<String>,
    #[serde(default)]
    workers: Vec<String>,
}

/// One way in which a program may go.
#[derive(Clone, Debug)]
pub struct Order {
    ends: Option<Ends>,
    cut: bool,
    events: Vec<Event>,
}

/// A line that is printed once.
#[derive(Clone, Debug)]
struct Event {
    /// What it may look like: once for every worker that may print it.
    lines: Vec<Line>,
    of_main: bool,
    /// The events that come before it.
    after: Vec<usize>,
    handover: Option<Handover>,
}

/// What one more line of a worker means.
#[derive(Clone, Copy, Debug)]
struct Handover {
    /// Which item it is about, in their order.
    item: usize,
    /// What `main` prints next once it got rid of the item.
    rid_of: Option<usize>,
}

/// A line to compare with, cut into what is fixed and what isn't.
#[derive(Clone, Debug, PartialEq)]
struct Line(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Number { at_least: u64 },
    Decimal,
    OneOf(Vec<String>),
}

/// What was printed so far: the event, and which of its lines it was.
type Printed = Vec<(usize, usize)>;

impl Order {
    /// Whether a run can print this, from start to end.
    pub fn allows(&self, output: &str) -> bool {
        let (lines, torn) = match output.rsplit_once('\n') {
            Some((whole, torn)) => (whole.split('\n').collect(), torn),
            None => (Vec::new(), output),
        };
        self.continues(&mut Vec::new(), &lines, torn)
    }

    /// Whether these lines can follow what was printed. Two threads may print
    /// the same line: then both are tried.
    fn continues(&self, printed: &mut Printed, lines: &[&str], torn: &str) -> bool {
        let Some((line, rest)) = lines.split_first() else {
            return self.may_end(printed, torn);
        };
        let next = self.next(printed);
        next.into_iter().any(|(event, worker)| {
            if !self.events[event].lines[worker].matches(line) {
                return false;
            }
            printed.push((event, worker));
            let continues = self.continues(printed, rest, torn);
            printed.pop();
            continues
        })
    }

    fn may_end(&self, printed: &Printed, torn: &str) -> bool {
        let is_printed = |event: usize| printed.iter().any(|(other, _)| *other == event);
        let ends_well = self
            .events
            .iter()
            .enumerate()
            .all(|(event, it)| is_printed(event) || (self.cut && !it.of_main));
        let is_tear = || {
            self.cut
                && self
                    .next(printed)
                    .into_iter()
                    .any(|(event, worker)| self.events[event].lines[worker].may_start(torn))
        };
        ends_well && (torn.is_empty() || is_tear())
    }

    /// Every line that can be printed next.
    fn next(&self, printed: &Printed) -> Printed {
        let mut next = Vec::new();
        for (event, it) in self.events.iter().enumerate() {
            for worker in 0..it.lines.len() {
                if self.can_follow(printed, event, worker) {
                    next.push((event, worker));
                }
            }
        }
        next
    }

    fn can_follow(&self, printed: &Printed, event: usize, worker: usize) -> bool {
        let place = |event: usize| printed.iter().position(|(other, _)| *other == event);
        if place(event).is_some() {
            return false;
        }
        if !self.events[event]
            .after
            .iter()
            .all(|&other| place(other).is_some())
        {
            return false;
        }
        let Some(handover) = self.events[event].handover else {
            return true;
        };
        // This worker's earlier items: it must have printed them before it took
        // this one, and that was before `main` got rid of it.
        printed.iter().enumerate().all(|(at, (other, its_worker))| {
            match self.events[*other].handover {
                Some(earlier) if *its_worker == worker => {
                    let rid_of = handover.rid_of.and_then(place);
                    earlier.item < handover.item && rid_of.is_none_or(|rid_of| at < rid_of)
                }
                _ => true,
            }
        })
    }

    fn count(&self) -> Option<u64> {
        let has_one_form = |line: &Line| line.0.iter().all(|piece| matches!(piece, Piece::Text(_)));
        let is_countable = self
            .events
            .iter()
            .all(|event| event.lines.iter().all(has_one_form));
        is_countable.then(|| self.count_from(&mut Vec::new()))
    }

    fn count_from(&self, printed: &mut Printed) -> u64 {
        let mut count = u64::from(self.may_end(printed, ""));
        for next in self.next(printed) {
            printed.push(next);
            count += self.count_from(printed);
            printed.pop();
        }
        count
    }
}

impl TryFrom<Written> for Order {
    type Error = anyhow::Error;

    fn try_from(written: Written) -> Result<Order> {
        let mut order = Order {
            ends: written.ends,
            cut: written.cut,
            events: Vec::new(),
        };
        order.add_thread(&written.main, true)?;
        for thread in &written.threads {
            order.add_thread(thread, false)?;
        }
        if let Some(handed_over) = &written.handed_over {
            order.add_handed_over(handed_over)?;
        }
        for arrow in &written.before {
            order.add_arrow(arrow)?;
        }
        Ok(order)
    }
}

impl Order {
    fn add_thread(&mut self, lines: &[String], of_main: bool) -> Result<()> {
        for (number, line) in lines.iter().enumerate() {
            let previous = (number > 0).then(|| self.events.len() - 1);
            self.events.push(Event {
                lines: vec![Line::read(line)?],
                of_main,
                after: previous.into_iter().collect(),
                handover: None,
            });
        }
        Ok(())
    }

    fn add_handed_over(&mut self, written: &HandedOver) -> Result<()> {
        for (item, name) in written.items.iter().enumerate() {
            let sent = self.named(&written.from.replace("{item}", name))?;
            let to = written.to.replace("{item}", name);
            let lines = if written.workers.is_empty() {
                vec![Line::read(&to)?]
            } else {
                let named = written
                    .workers
                    .iter()
                    .map(|worker| to.replace("{worker}", worker));
                named.map(|line| Line::read(&line)).collect::<Result<_>>()?
            };
            let rid_of = Some(sent + 1).filter(|&next| {
                self.events
                    .get(next)
                    .is_some_and(|event| event.after == [sent])
            });
            self.events.push(Event {
                lines,
                of_main: false,
                after: vec![sent],
                handover: Some(Handover { item, rid_of }),
            });
        }
        Ok(())
    }

    /// Reads `A -> B`, where A may be `*`: everything else.
    fn add_arrow(&mut self, arrow: &str) -> Result<()> {
        let (first, then) = arrow
            .split_once(" -> ")
            .with_context(|| format!("{arrow:?} is no arrow: write \"this -> that\""))?;
        let then = self.named(then)?;
        let before: Vec<usize> = match first {
            "*" => (0..self.events.len())
                .filter(|&event| event != then)
                .collect(),
            _ => vec![self.named(first)?],
        };
        self.events[then].after.extend(before);
        Ok(())
    }

    /// The event that is written so.
    fn named(&self, text: &str) -> Result<usize> {
        let line = Line::read(text)?;
        let mut found =
            (0..self.events.len()).filter(|&event| self.events[event].lines.contains(&line));
        let event = found
            .next()
            .with_context(|| format!("no thread prints {text:?}"))?;
        ensure!(found.next().is_none(), "{text:?} is printed more than once");
        Ok(event)
    }
}

impl Line {
    fn read(text: &str) -> Result<Line> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, placeholder)) = rest.split_once('{') {
            let (inside, after) = placeholder
                .split_once('}')
                .with_context(|| format!("{text:?} lacks a closing brace"))?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::read(inside).with_context(|| format!("in {text:?}"))?);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| *piece != Piece::Text(String::new()));
        Ok(Line(pieces))
    }

    fn matches(&self, line: &str) -> bool {
        self.rest_of(line).is_some_and(str::is_empty)
    }

    fn rest_of<'a>(&self, line: &'a str) -> Option<&'a str> {
        self.0.iter().try_fold(line, |rest, piece| piece.take(rest))
    }

    /// Whether this is the beginning of the line. Good enough for lines in
    /// which nothing varies.
    fn may_start(&self, torn: &str) -> bool {
        match &self.0[..] {
            [Piece::Text(text)] => text.starts_with(torn),
            [Piece::Text(text), ..] => text.starts_with(torn) || torn.starts_with(text.as_str()),
            _ => true,
        }
    }
}

impl Piece {
    fn read(inside: &str) -> Result<Piece> {
        if let Some(at_least) = inside.strip_suffix('+') {
            let at_least = at_least.parse().with_context(|| format!("{inside:?}"))?;
            return Ok(Piece::Number { at_least });
        }
        match inside {
            "number" => Ok(Piece::Number { at_least: 0 }),
            "decimal" => Ok(Piece::Decimal),
            _ => {
                ensure!(inside.contains('|'), "{{{inside}}} stands for nothing");
                Ok(Piece::OneOf(inside.split('|').map(str::to_owned).collect()))
            }
        }
    }

    /// What is left of the text after this piece, if it starts with it.
    fn take<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Piece::Text(fixed) => text.strip_prefix(fixed.as_str()),
            Piece::OneOf(words) => words
                .iter()
                .find_map(|word| text.strip_prefix(word.as_str())),
            Piece::Number { at_least } => {
                let (number, rest) = digits(text)?;
                (number >= *at_least).then_some(rest)
            }
            Piece::Decimal => {
                let (_, rest) = digits(text.trim_start_matches(' '))?;
                Some(digits(rest.strip_prefix('.')?)?.1)
            }
        }
    }
}

fn digits(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}
