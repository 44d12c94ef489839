//! The distinct outputs of a program: its graph made deterministic.
//!
//! Outputs are read line by line. A state here is a set of states of the
//! graph: all that can have been reached by printing the lines so far. A part
//! of a line that is printed by itself is carried along until its line is
//! complete, so the same text is the same however it was put together.

use crate::bounds::Bounds;
use crate::names::{ByName, map_growth};
use crate::never::never_ending;
use crate::states::{Edges, Graph, Target};
use outcomes_protocol::{Ending, NotCounted, Output, Stopped};
use std::collections::{BTreeMap, HashMap};
use xxhash_rust::xxh3::xxh3_128;

/// Where the outputs of all states are too much, those of one in so many may not be.
const PART: usize = 4;

/// Every distinct output of a program, in order: by line, and what ends first
/// comes first.
pub struct Outputs {
    /// The last is the start.
    states: Vec<State>,
    lines: Vec<Box<str>>,
    endings: Vec<Ending>,
}

#[derive(Default)]
struct State {
    /// What is left of an unfinished line, and the ending.
    ends: Vec<(u32, u32)>,
    /// By line, in order of the lines' texts.
    next: Vec<(u32, u32)>,
    /// How many outputs there are from here.
    count: u128,
}

/// What can be reached by each line.
type NextItems = BTreeMap<u32, Vec<Item>>;

/// A state of the graph together with what was printed of a line, by number.
/// Endings count as states behind the last.
type Item = (u32, u32);

impl Graph {
    /// Every distinct output, as far as the bounds go.
    ///
    /// # Errors
    /// Says why they can't be counted.
    pub fn outputs(&self, bounds: &dyn Bounds) -> Result<Outputs, NotCounted> {
        if self.prints_without_end() {
            return Err(NotCounted::Unbounded);
        }
        self.outputs_within(bounds, self.states(), never_ending(self))
    }

    /// Distinct outputs of a graph that is not whole: those of ways through it that come
    /// to an end. Whether it can go on for ever is not known there. Where all of them
    /// go beyond the bounds, they are those within a part of the graph.
    ///
    /// # Errors
    /// Says why not even those of a small part can be counted.
    pub fn outputs_so_far(&self, bounds: &dyn Bounds) -> Result<Outputs, NotCounted> {
        if self.prints_without_end() {
            return Err(NotCounted::Unbounded);
        }
        let mut states = self.states();
        loop {
            let outputs = self.outputs_within(bounds, states, vec![false; self.states()]);
            states /= PART;
            if outputs.is_ok() || states == 0 {
                return outputs;
            }
        }
    }

    /// Those of the first so many states: those that end, and those of the states in which
    /// it never does.
    fn outputs_within(
        &self,
        bounds: &dyn Bounds,
        states: usize,
        never: Vec<bool>,
    ) -> Result<Outputs, NotCounted> {
        let mut endings = self.endings().to_vec();
        if never.contains(&true) {
            endings.push(Ending::NeverEnds);
        }
        Determiniser {
            graph: self,
            bounds,
            states_within: states,
            never,
            endings,
            lines: Vec::new(),
            numbers: HashMap::new(),
            by_items: ByName::default(),
            by_closure: ByName::default(),
            states: Vec::new(),
        }
        .run()
    }

    /// Whether a cycle prints.
    fn prints_without_end(&self) -> bool {
        let component = self.components(Edges::All);
        (0..self.states()).any(|state| {
            self.edges_of(state).any(|edge| match edge.to {
                Target::State(to) => edge.text != 0 && component[state] == component[to],
                Target::End(_) => false,
            })
        })
    }
}

struct Determiniser<'g> {
    graph: &'g Graph,
    bounds: &'g dyn Bounds,
    /// States from this number on are left out.
    states_within: usize,
    never: Vec<bool>,
    endings: Vec<Ending>,
    /// Lines, and parts of lines.
    lines: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    by_items: ByName<u32>,
    by_closure: ByName<u32>,
    states: Vec<State>,
}

/// A state whose successors are being made.
struct Unfinished {
    state: State,
    name: u128,
    closure: u128,
    /// What is still to do, the next last.
    todo: Vec<(u32, Vec<Item>)>,
    line: u32,
}

impl Determiniser<'_> {
    fn run(mut self) -> Result<Outputs, NotCounted> {
        self.number("");
        let mut path = Vec::new();
        let mut done = None;
        if let Err(open) = self.enter(vec![(0, 0)]) {
            path.push(open);
        }
        let mut steps = 0_u32;
        while let Some(open) = path.last_mut() {
            if let Some(state) = done.take() {
                open.state.next.push((open.line, state));
            }
            steps += 1;
            if let Some(stopped) = self.limit(steps) {
                return Err(NotCounted::TooBig(stopped));
            }
            let Some((line, items)) = open.todo.pop() else {
                done = Some(self.finish(*path.pop().expect("the last")));
                continue;
            };
            open.line = line;
            match self.enter(items) {
                Ok(state) => done = Some(state),
                Err(open) => path.push(open),
            }
        }
        Ok(Outputs {
            states: self.states,
            lines: self.lines,
            endings: self.endings,
        })
    }

    fn limit(&self, steps: u32) -> Option<Stopped> {
        let states = if self.states.len() == self.states.capacity() {
            3 * self.states.capacity() * size_of::<State>()
        } else {
            0
        };
        let more = map_growth(&self.by_items) + map_growth(&self.by_closure) + states;
        if !self.bounds.has_memory(more + (1 << 16)) {
            return Some(Stopped::Memory);
        }
        (steps.is_multiple_of(1024) && !self.bounds.has_time()).then_some(Stopped::Time)
    }

    /// The number of a line or a part of one.
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.lines.len()).expect("few lines");
        self.lines.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// The state for these items, or what is needed to make it.
    fn enter(&mut self, mut items: Vec<Item>) -> Result<u32, Box<Unfinished>> {
        items.sort_unstable();
        items.dedup();
        let name = name_of(&items);
        if let Some(&state) = self.by_items.get(&name) {
            return Ok(state);
        }
        let (ends, next) = self.close(items);
        let mut bytes = Vec::new();
        for (ending, part) in &ends {
            bytes.extend_from_slice(&ending.to_le_bytes());
            bytes.extend_from_slice(&part.to_le_bytes());
        }
        let mut todo: Vec<(u32, Vec<Item>)> = Vec::with_capacity(next.len());
        for (line, mut items) in next {
            items.sort_unstable();
            items.dedup();
            bytes.extend_from_slice(&line.to_le_bytes());
            bytes.extend_from_slice(&name_of(&items).to_le_bytes());
            todo.push((line, items));
        }
        let closure = xxh3_128(&bytes);
        if let Some(&state) = self.by_closure.get(&closure) {
            self.by_items.insert(name, state);
            return Ok(state);
        }
        // Taken from the end, so the least line must be last.
        todo.sort_by(|(one, _), (other, _)| {
            self.lines[*other as usize].cmp(&self.lines[*one as usize])
        });
        let mut state = State {
            ends,
            ..State::default()
        };
        state
            .ends
            .sort_by(|one, other| self.end(*one).cmp(&self.end(*other)));
        Err(Box::new(Unfinished {
            state,
            name,
            closure,
            todo,
            line: 0,
        }))
    }

    fn end(&self, (part, ending): (u32, u32)) -> (&str, &Ending) {
        (&self.lines[part as usize], &self.endings[ending as usize])
    }

    /// Follows everything that completes no line. Returns how it can end, and
    /// what can be reached by each line.
    fn close(&mut self, items: Vec<Item>) -> (Vec<(u32, u32)>, NextItems) {
        let states = u32::try_from(self.graph.states()).expect("limited");
        let never = u32::try_from(self.endings.len())
            .expect("few endings")
            .wrapping_sub(1);
        let mut seen: std::collections::HashSet<Item, foldless::Build> =
            items.iter().copied().collect();
        let mut open = items;
        let mut ends = Vec::new();
        let mut next = NextItems::new();
        while let Some((state, part)) = open.pop() {
            let text = &self.lines[part as usize];
            if let Some(newline) = text.find('\n') {
                let (line, rest) = text.split_at(newline + 1);
                let (line, rest) = (line.to_owned(), rest.to_owned());
                let line = self.number(&line);
                let rest = self.number(&rest);
                next.entry(line).or_default().push((state, rest));
                continue;
            }
            if state >= states {
                ends.push((part, state - states));
                continue;
            }
            if self.never[state as usize] {
                ends.push((part, never));
            }
            let graph = self.graph;
            for edge in graph.edges_of(state as usize) {
                let to = match edge.to {
                    Target::State(to) if to >= self.states_within => continue,
                    Target::State(to) => to,
                    Target::End(ending) => ending + graph.states(),
                };
                let to = u32::try_from(to).expect("limited");
                let printed = &graph.texts()[edge.text];
                // The usual case first: one whole line, or nothing.
                if part == 0 && printed.find('\n').is_some_and(|at| at + 1 == printed.len()) {
                    let line = self.number(printed);
                    next.entry(line).or_default().push((to, 0));
                    continue;
                }
                let part = match edge.text {
                    0 => part,
                    _ => {
                        let text = format!("{}{printed}", self.lines[part as usize]);
                        self.number(&text)
                    }
                };
                if seen.insert((to, part)) {
                    open.push((to, part));
                }
            }
        }
        ends.sort_unstable();
        ends.dedup();
        (ends, next)
    }

    fn finish(&mut self, open: Unfinished) -> u32 {
        let mut state = open.state;
        state.count = state.ends.len() as u128;
        for &(_, next) in &state.next {
            state.count = state.count.saturating_add(self.states[next as usize].count);
        }
        let number = u32::try_from(self.states.len()).expect("limited");
        self.states.push(state);
        self.by_items.insert(open.name, number);
        self.by_closure.insert(open.closure, number);
        number
    }
}

fn name_of(items: &[Item]) -> u128 {
    let mut bytes = Vec::with_capacity(items.len() * 8);
    for (state, part) in items {
        bytes.extend_from_slice(&state.to_le_bytes());
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    xxh3_128(&bytes)
}

/// A fast hash for small keys, in place of std's, which is made to withstand
/// attacks.
mod foldless {
    use std::hash::{BuildHasherDefault, Hasher};

    #[derive(Default)]
    pub(super) struct Mix(u64);

    impl Hasher for Mix {
        fn finish(&self) -> u64 {
            self.0 ^ self.0 >> 32
        }

        fn write(&mut self, bytes: &[u8]) {
            for &byte in bytes {
                self.write_u32(byte.into());
            }
        }

        fn write_u32(&mut self, value: u32) {
            self.0 = (self.0.rotate_left(5) ^ u64::from(value)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    pub(super) type Build = BuildHasherDefault<Mix>;
}

impl Outputs {
    fn start(&self) -> usize {
        self.states.len() - 1
    }

    /// How many there are. Exact below `u128::MAX`, which stands for itself
    /// and all above.
    pub fn count(&self) -> u128 {
        self.states[self.start()].count
    }

    /// How many outputs end in each way, by [`Ending`].
    pub fn endings(&self) -> Vec<(Ending, u128)> {
        let counts = self.endings.iter().enumerate().map(|(number, ending)| {
            let mut counts: Vec<u128> = Vec::with_capacity(self.states.len());
            for state in &self.states {
                let here = state.ends.iter().filter(|end| end.1 as usize == number);
                let next = state.next.iter().map(|&(_, next)| counts[next as usize]);
                let count = next.fold(here.count() as u128, u128::saturating_add);
                counts.push(count);
            }
            (ending.clone(), counts.last().copied().unwrap_or(0))
        });
        let mut counts: Vec<(Ending, u128)> = counts.filter(|(_, count)| *count > 0).collect();
        counts.sort();
        counts
    }

    /// The output with this number, counted from 0 in order.
    pub fn nth(&self, mut number: u128) -> Option<Output> {
        let mut state = &self.states[self.start()];
        if number >= state.count {
            return None;
        }
        let mut text = String::new();
        loop {
            let ends = state.ends.len() as u128;
            if number < ends {
                let (part, ending) = state.ends[usize::try_from(number).ok()?];
                text.push_str(&self.lines[part as usize]);
                let ending = self.endings[ending as usize].clone();
                return Some(Output { text, ending });
            }
            number -= ends;
            let mut next = state.next.iter();
            state = loop {
                let &(line, next) = next.next()?;
                let next = &self.states[next as usize];
                if number < next.count {
                    text.push_str(&self.lines[line as usize]);
                    break next;
                }
                number -= next.count;
            };
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Output> + '_ {
        (0..).map_while(|number| self.nth(number))
    }

    /// Whether this is among them, and which number it has.
    pub fn position(&self, output: &Output) -> Option<u128> {
        let mut state = &self.states[self.start()];
        let mut number: u128 = 0;
        let mut rest = output.text.as_str();
        while let Some(newline) = rest.find('\n') {
            let (line, behind) = rest.split_at(newline + 1);
            rest = behind;
            number = number.saturating_add(state.ends.len() as u128);
            let mut next = None;
            for &(other, target) in &state.next {
                let target = &self.states[target as usize];
                if &*self.lines[other as usize] == line {
                    next = Some(target);
                    break;
                }
                number = number.saturating_add(target.count);
            }
            state = next?;
        }
        let end = state.ends.iter().position(|&(part, ending)| {
            &*self.lines[part as usize] == rest && self.endings[ending as usize] == output.ending
        })?;
        Some(number.saturating_add(end as u128))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::states::Edge;
    use std::collections::BTreeSet;

    /// There is enough of everything.
    struct Unlimited;

    impl Bounds for Unlimited {
        fn has_memory(&self, _: usize) -> bool {
            true
        }

        fn has_time(&self) -> bool {
            true
        }
    }

    /// There is no more time, or no more memory.
    struct Nothing {
        memory: bool,
    }

    impl Bounds for Nothing {
        fn has_memory(&self, _: usize) -> bool {
            !self.memory
        }

        fn has_time(&self) -> bool {
            self.memory
        }
    }

    #[test]
    fn limits_are_kept() {
        let mut graph = Graph::new();
        for line in 0..3000 {
            let state = graph.add_state();
            let edge = Edge {
                text: graph.add_text(&format!("{line}\n")),
                choice: Some(0),
                ..Edge::unchosen(Target::State(state + 1))
            };
            graph.add_edge(state, edge);
        }
        let last = graph.add_state();
        let to = graph.add_ending(&Ending::Returned);
        graph.add_edge(last, Edge::unchosen(to));
        assert_eq!(graph.outputs(&Unlimited).unwrap().count(), 1);
        for (memory, stopped) in [(true, Stopped::Memory), (false, Stopped::Time)] {
            let outputs = graph.outputs(&Nothing { memory });
            assert_eq!(outputs.err(), Some(NotCounted::TooBig(stopped)));
        }
    }

    /// In a graph that isn't whole, a loop may only lack the way out.
    #[test]
    fn so_far_nothing_goes_on_for_ever() {
        let (mut never_ending, mut smaller) = (0, 0);
        for seed in 0..1000 {
            let graph = random_graph(seed);
            let mut all: Vec<Output> = graph.outputs(&Unlimited).unwrap().iter().collect();
            let before = all.len();
            all.retain(|output| output.ending != Ending::NeverEnds);
            never_ending += before - all.len();
            let so_far = graph.outputs_so_far(&Unlimited).unwrap();
            assert_eq!(so_far.iter().collect::<Vec<_>>(), all, "{seed}");
            for states in 1..graph.states() {
                let never = vec![false; graph.states()];
                let part = graph.outputs_within(&Unlimited, states, never).unwrap();
                assert!(part.iter().all(|output| all.contains(&output)), "{seed}");
                smaller += usize::from(part.count() < so_far.count());
            }
        }
        assert!(
            never_ending > 100 && smaller > 100,
            "{never_ending} {smaller}"
        );
    }

    /// What edges print: lines, parts of lines, and both.
    const TEXTS: [&str; 7] = ["", "", "a", "b\n", "a\n", "a\nb", "\n"];

    /// Edges lead to later states, or back without printing.
    fn random_graph(seed: u64) -> Graph {
        let mut random = Random::from_seed(seed);
        let mut graph = Graph::new();
        let states = random.below(7) + 1;
        for _ in 0..states {
            graph.add_state();
        }
        let endings = [
            Ending::Returned,
            Ending::Exited { code: 1 },
            Ending::Deadlocked,
        ];
        for state in 0..states {
            for choice in 0..random.below(4) + 1 {
                let (to, text) = match random.below(states - state + 2) {
                    0 => (Target::State(state), ""),
                    1 => (
                        graph.add_ending(&endings[random.below(3)]),
                        TEXTS[random.below(7)],
                    ),
                    other if state + other - 1 < states => {
                        (Target::State(state + other - 1), TEXTS[random.below(7)])
                    }
                    _ => (graph.add_ending(&Ending::Returned), ""),
                };
                let text = graph.add_text(text);
                let edge = Edge {
                    text,
                    choice: u16::try_from(choice).ok(),
                    thread: u16::try_from(random.below(2)).ok(),
                    case: Some(0),
                    ..Edge::unchosen(to)
                };
                graph.add_edge(state, edge);
            }
        }
        graph
    }

    /// All outputs, by going every way: complete lines, what is left of another,
    /// and the ending. In this order.
    fn by_definition(graph: &Graph) -> BTreeSet<(Vec<String>, String, Ending)> {
        let never = never_ending(graph);
        let mut found = BTreeSet::new();
        let mut add = |text: &str, ending: &Ending| {
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            let rest = lines.pop_if(|line| !line.ends_with('\n'));
            found.insert((lines, rest.unwrap_or_default(), ending.clone()));
        };
        let mut open = vec![(0, String::new())];
        while let Some((state, text)) = open.pop() {
            if never[state] {
                add(&text, &Ending::NeverEnds);
            }
            for edge in graph.edges_of(state) {
                let text = format!("{text}{}", graph.texts()[edge.text]);
                match edge.to {
                    Target::End(ending) => add(&text, &graph.endings()[ending]),
                    Target::State(to) if to == state => {}
                    Target::State(to) => open.push((to, text)),
                }
            }
        }
        found
    }

    #[test]
    fn outputs_are_those_of_all_ways() {
        let mut most = 0;
        for seed in 0..2000 {
            let graph = random_graph(seed);
            let outputs = graph.outputs(&Unlimited).unwrap();
            let expected = by_definition(&graph);
            let texts = expected.iter().map(|(lines, rest, ending)| Output {
                text: lines.concat() + rest,
                ending: ending.clone(),
            });
            let texts: Vec<Output> = texts.collect();
            let found: Vec<Output> = outputs.iter().collect();
            assert_eq!(found, texts, "graph number {seed}");
            assert_eq!(outputs.count(), texts.len() as u128, "graph number {seed}");
            most = most.max(texts.len());
            let mut counts: BTreeMap<Ending, u128> = BTreeMap::new();
            for (number, output) in (0..).zip(&texts) {
                *counts.entry(output.ending.clone()).or_default() += 1;
                assert_eq!(outputs.position(output), Some(number), "of {output:?}");
                let found = graph.find(&output.text, Some(&output.ending));
                assert!(found.is_possible(), "graph number {seed}: {output:?}");
                assert!(graph.find(&output.text, None).is_possible());
                // Cut short, or with another ending, it may be another, or none.
                let shorter = &output.text[..output.text.len().saturating_sub(1)];
                for ending in [Ending::Returned, Ending::NeverEnds] {
                    let other = Output {
                        text: shorter.to_owned(),
                        ending,
                    };
                    let expected = texts.iter().position(|output| *output == other);
                    let expected = expected.map(|number| number as u128);
                    assert_eq!(outputs.position(&other), expected, "of {other:?}");
                    let found = graph.find(shorter, Some(&other.ending));
                    assert_eq!(found.is_possible(), expected.is_some(), "{other:?}");
                }
                let is_any = texts.iter().any(|output| output.text == shorter);
                assert_eq!(graph.find(shorter, None).is_possible(), is_any);
            }
            assert_eq!(outputs.endings(), counts.into_iter().collect::<Vec<_>>());
            assert_eq!(outputs.nth(outputs.count()), None);
        }
        assert!(most > 20, "{most}");
    }
}
