//! Prints random graphs, one a line as JSON, each with all that this crate
//! answers about it, for whoever else walks graphs: the page's script.
//!
//! ```text
//! cargo run -p outcomes-graph --example random-graphs -- FIRST-SEED COUNT
//! ```
//!
//! A line has these fields; numbers of outputs are strings, since they may be
//! greater than a double holds exactly:
//!
//! ```text
//! seed       what the graph was made from
//! graph      the graph, packed
//! edges      its edges: [from, to, ending, text, choice, step, thread, with, spurious]
//! never      by state, whether a fair run can visit it forever without printing
//! outputs    their number; null if there is no end of them
//! endings    how many outputs end in which way: [ending, number]
//! nth        some outputs by their numbers: [number, text, ending]
//! position   what is asked for, and its number or null: [text, ending, number]
//! checks     what is asked for, and the answer: [text, ending, membership]
//! ways       states, and the schedules there: [state, schedule]
//! ```

use outcomes_graph::{Bounds, Edge, Graph, Outputs, Target};
use outcomes_protocol::{EdgeData, Ending, GraphData, Labels, Output};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Lines, parts of lines, several lines at once; and what JavaScript, which
/// counts in units of UTF-16, may put in another order.
const TEXTS: [&str; 20] = [
    "a\n",
    "b\n",
    "ab\n",
    "abc\n",
    "\n",
    "a",
    "b",
    "ab",
    "c\n",
    "c",
    "\nb",
    "a\nb\n",
    "a\nb",
    "\u{fffd}\n",
    "\u{1f980}\n",
    "\u{1f980}",
    "\u{202e}x\n",
    "é\n",
    "a\tb\n",
    "1\r\n",
];

/// In this order, but in UTF-16 in the other.
const OTHER_ORDER: [&str; 2] = ["\u{fffd}\n", "\u{1f980}\n"];

struct Unlimited;

impl Bounds for Unlimited {
    fn has_memory(&self, _: usize) -> bool {
        true
    }

    fn has_time(&self) -> bool {
        true
    }
}

/// A small generator of pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("less than the limit")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| {
        let given = arguments.next();
        given.map_or(otherwise, |given| given.parse().expect("a number"))
    };
    let (first, count) = (number(1), number(10));
    for seed in first..first + count {
        let mut random = Random(seed);
        let graph = random_graph(&mut random);
        println!("{}", answers(seed, &graph, &mut random));
    }
}

fn random_ending(random: &mut Random) -> Ending {
    match random.below(7) {
        0 | 1 => Ending::Returned,
        2 => Ending::Exited {
            code: 1 + i32::try_from(random.below(2)).expect("small"),
        },
        3 | 4 => Ending::Panicked {
            message: random.of(&["", "a", "b"]).to_owned(),
        },
        5 => Ending::Aborted,
        _ => Ending::Returned,
    }
}

fn random_graph(random: &mut Random) -> Graph {
    if random.one_in(8) {
        return long_graph(random);
    }
    let mut graph = Graph::new();
    let states = 1 + random.below(12);
    let threads = 1 + random.below(4);
    // What is printed in a cycle is printed without end.
    let printing_cycles = random.one_in(10);
    let back = [2, 4, 20][random.below(3)];
    let ends = 1 + random.below(6);
    let silence = 1 + random.below(4);
    let mut texts: Vec<&str> = (0..1 + random.below(6))
        .map(|_| random.of(&TEXTS))
        .collect();
    if random.one_in(4) {
        texts.extend([OTHER_ORDER; 2].concat());
    }
    for _ in 0..states {
        graph.add_state();
    }
    let mut stuck = Vec::new();
    for from in 0..states {
        let choices = random.below(5);
        let mut spurious = true;
        for choice in 0..choices {
            let goes_back = random.one_in(back);
            let to = if goes_back || from + 1 == states {
                random.below(states)
            } else {
                from + 1 + random.below((states - from - 1).min(3))
            };
            let text = if random.below(4) < silence || (to <= from && !printing_cycles) {
                ""
            } else {
                random.of(&texts)
            };
            let thread = u16::try_from(random.below(threads)).expect("few");
            let with = u16::try_from(random.below(threads)).expect("few");
            // No two choices in a state are called the same.
            let case = u16::try_from(choice).expect("few");
            let passes = choice == 0 && random.one_in(3);
            let goes_on = choice == 1 && random.one_in(3);
            let meets = !passes && !goes_on && with != thread && random.one_in(3);
            let edge = Edge {
                to: if random.one_in(2 + ends) {
                    graph.add_ending(&random_ending(random))
                } else {
                    Target::State(to)
                },
                text: graph.add_text(text),
                choice: u16::try_from(choice).ok(),
                thread: (!passes).then_some(thread),
                case: (!passes && !goes_on).then_some(case),
                with: meets.then_some(with),
                with_case: meets.then_some(case),
                message: None,
                spurious: !passes && !goes_on && !meets && random.one_in(3),
            };
            let misses = edge.spurious && random.one_in(3);
            let edge = Edge {
                message: misses.then_some(1 + case),
                ..edge
            };
            spurious &= edge.spurious;
            graph.add_edge(from, edge);
        }
        if spurious {
            stuck.push(from);
        }
    }
    // As in the engine: nobody can go on for a reason, and it can come to that.
    let reached = reached(&graph);
    for state in stuck {
        if reached.contains(&state) {
            graph.add_stuck(state);
        }
    }
    graph
}

fn reached(graph: &Graph) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([0]);
    let mut open = vec![0];
    while let Some(state) = open.pop() {
        for edge in graph.edges_of(state) {
            if let Target::State(to) = edge.to
                && reached.insert(to)
            {
                open.push(to);
            }
        }
    }
    reached
}

/// Many lines, each any of a few: more outputs than can be counted one by one,
/// and in some more than are counted at all.
fn long_graph(random: &mut Random) -> Graph {
    let mut graph = Graph::new();
    let lines = 20 + random.below(120);
    let first = graph.add_state();
    let mut heres = vec![first];
    for line in 0..lines {
        let width = 1 + random.below(3);
        let nexts: Vec<usize> = (0..width).map(|_| graph.add_state()).collect();
        for &here in &heres {
            for choice in 0..1 + random.below(4) {
                let text = format!("{}\n", random.below(6));
                let text = random.of(&[text.as_str(), text.as_str(), "", "1"]);
                let edge = Edge {
                    to: Target::State(nexts[random.below(width)]),
                    text: graph.add_text(text),
                    choice: u16::try_from(choice).ok(),
                    thread: u16::try_from(choice % 3).ok(),
                    case: u16::try_from(choice).ok(),
                    with: None,
                    with_case: None,
                    message: None,
                    spurious: choice > 0 && random.one_in(20),
                };
                graph.add_edge(here, edge);
            }
        }
        if line + 1 == lines {
            for &here in &nexts {
                let edge = Edge {
                    to: graph.add_ending(&random_ending(random)),
                    text: graph.add_text(random.of(&["", "\n", "end\n", "2"])),
                    choice: Some(0),
                    thread: Some(0),
                    case: Some(0),
                    with: None,
                    with_case: None,
                    message: None,
                    spurious: false,
                };
                graph.add_edge(here, edge);
            }
        }
        heres = nexts;
    }
    graph
}

fn answers(seed: u64, graph: &Graph, random: &mut Random) -> Value {
    let data = graph.to_data(no_labels(graph));
    let packed = serde_json::to_value(&data).expect("plain data");
    let again: GraphData = serde_json::from_value(packed.clone()).expect("what was just packed");
    assert_eq!(again, data, "unpacked, graph {seed} is another");
    let edges: Vec<Value> = data.edges.iter().map(edge_as_array).collect();
    let outputs = graph.outputs(&Unlimited).ok();
    let some = outputs.as_ref().map_or_else(Vec::new, |outputs| {
        some_numbers(outputs, random)
            .into_iter()
            .map(|number| (number, outputs.nth(number).expect("less than the count")))
            .collect()
    });
    let questions = questions(&some, random);
    let nth = some
        .iter()
        .map(|(number, output)| json!([number.to_string(), output.text, output.ending]));
    let nth: Vec<Value> = nth.collect();
    let positions: Vec<Value> = questions
        .iter()
        .filter_map(|(text, ending)| {
            let output = Output {
                text: text.clone(),
                ending: ending.clone()?,
            };
            let position = outputs.as_ref()?.position(&output);
            Some(json!([
                text,
                ending,
                position.map(|number| number.to_string())
            ]))
        })
        .collect();
    let checks: Vec<Value> = questions
        .iter()
        .map(|(text, ending)| json!([text, ending, graph.find(text, ending.as_ref())]))
        .collect();
    let endings = outputs.as_ref().map(|outputs| {
        let endings = outputs.endings().into_iter();
        let endings = endings.map(|(ending, count)| json!([ending, count.to_string()]));
        endings.collect::<Vec<Value>>()
    });
    json!({
        "seed": seed,
        "graph": packed,
        "edges": edges,
        "never": graph.never_ending(),
        "outputs": outputs.as_ref().map(|outputs| outputs.count().to_string()),
        "endings": endings,
        "nth": nth,
        "position": positions,
        "checks": checks,
        "ways": ways(graph),
    })
}

fn no_labels(graph: &Graph) -> Labels {
    Labels {
        edges: vec![Vec::new(); graph.edges()],
        states: vec![Vec::new(); graph.states()],
        ..Labels::default()
    }
}

/// The schedules to all states that can be reached.
fn ways(graph: &Graph) -> Vec<Value> {
    let states: Vec<usize> = reached(graph).into_iter().collect();
    let schedules = graph.ways_to(&states);
    let ways = states.into_iter().zip(schedules);
    ways.map(|(state, schedule)| json!([state, schedule]))
        .collect()
}

fn edge_as_array(edge: &EdgeData) -> Value {
    json!([
        edge.from,
        edge.to,
        edge.ending,
        edge.text,
        edge.choice,
        edge.step,
        edge.thread,
        edge.with,
        edge.spurious
    ])
}

/// The first, the last, and some in between.
fn some_numbers(outputs: &Outputs, random: &mut Random) -> BTreeSet<u128> {
    let count = outputs.count();
    let mut numbers: BTreeSet<u128> = (0..count.min(60)).collect();
    for _ in 0..20 {
        let number = u128::from(random.next()) << 64 | u128::from(random.next());
        numbers.extend(number.checked_rem(count));
    }
    numbers.extend(count.checked_sub(1));
    // Beyond what is counted there is no telling which comes when.
    if count == u128::MAX {
        numbers.retain(|&number| number < 1 << 100);
    }
    numbers
}

/// Outputs, and what is nearly one; with their ending, with another, with none.
fn questions(some: &[(u128, Output)], random: &mut Random) -> Vec<(String, Option<Ending>)> {
    let mut questions = vec![
        (String::new(), None),
        (String::new(), Some(Ending::NeverEnds)),
        (String::new(), Some(Ending::Deadlocked)),
    ];
    for _ in 0..6 {
        let text: String = (0..random.below(4)).map(|_| random.of(&TEXTS)).collect();
        questions.push((text, random.one_in(2).then(|| random_ending(random))));
    }
    for _ in 0..30.min(3 * some.len()) {
        let Output { text, ending } = &some[random.below(some.len())].1;
        let text = match random.below(4) {
            0 => changed(text, random),
            _ => text.clone(),
        };
        let ending = match random.below(6) {
            0 => None,
            1 => Some(random_ending(random)),
            2 => Some(Ending::NeverEnds),
            3 => Some(Ending::Deadlocked),
            _ => Some(ending.clone()),
        };
        questions.push((text, ending));
    }
    questions
}

/// Without one of its characters, or with one more text.
fn changed(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len() + 1);
    if at < characters.len() && random.one_in(2) {
        characters.remove(at);
        return characters.into_iter().collect();
    }
    let (before, behind) = characters.split_at(at);
    let more = random.of(&TEXTS).chars();
    before
        .iter()
        .copied()
        .chain(more)
        .chain(behind.iter().copied())
        .collect()
}
