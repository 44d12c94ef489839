//! How many states nobody can tell apart by what follows.
//!
//! Two states are alike (strongly bisimilar) if whatever can happen in one can
//! happen in the other: the same is printed, the same threads act, both times
//! for a reason or for none, and what it leads to is alike again. What is left
//! of this when all that is alike is one state depends on the program alone,
//! not on what its memory looks like in between.
//!
//! A state from which no cycle can be reached is known by what it leads to, so
//! one pass from the ends upwards does. The others are taken for alike at
//! first, and told apart by what they lead to, again and again. Only those are
//! looked at anew that lead to what was told apart from a larger part, so a
//! state is, for each of its edges, a logarithmic number of times (Jacobs and
//! Wißmann, *Fast Coalgebraic Bisimilarity Minimization*, POPL 2023). No state of the one kind
//! is like one of the other: only from the other can one go on for ever.

use crate::bounds::Bounds;
use crate::names::{ByName, map_growth};
use crate::states::{Edge, Edges, Graph, Target};
use xxhash_rust::xxh3::xxh3_128;

/// How large a graph is when states that are alike are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// How many states are left.
    pub states: usize,
    /// How many edges are left between these.
    pub edges: usize,
}

impl Distinct {
    /// How many executions it takes to go through all of them, each up to an end
    /// or a known state: every edge ends one but those that lead to a state for
    /// the first time.
    pub fn executions(&self) -> u64 {
        (self.edges + 1).saturating_sub(self.states) as u64
    }
}

impl Graph {
    /// How large the graph is when states that are alike are one. `None` if the
    /// bounds don't suffice.
    pub fn distinct(&self, bounds: &dyn Bounds) -> Option<Distinct> {
        let mut classes = Classes {
            graph: self,
            bounds,
            class: Vec::new(),
            count: 0,
            edges: 0,
            items: Vec::new(),
            bytes: Vec::new(),
            looked_at: 0,
        };
        classes.start_at_ends()?;
        classes.on_cycles()?;
        Some(Distinct {
            states: classes.count as usize,
            edges: classes.edges,
        })
    }
}

/// The class of a state that isn't known yet.
const OPEN: u32 = u32::MAX;

/// What [`Classes::start_at_ends`] takes for each state, about: most of it to
/// find components.
const BYTES_BY_STATE: usize = 48;

fn short(number: usize) -> u32 {
    u32::try_from(number).expect("limited")
}

/// States that are alike have the same class.
struct Classes<'g> {
    graph: &'g Graph,
    bounds: &'g dyn Bounds,
    /// By state.
    class: Vec<u32>,
    count: u32,
    edges: usize,
    /// What can happen in the state that was last looked at.
    items: Vec<u128>,
    bytes: Vec<u8>,
    looked_at: u32,
}

impl Classes<'_> {
    /// Gives a class to each state that reaches no cycle.
    fn start_at_ends(&mut self) -> Option<()> {
        let count = self.graph.states();
        self.has_room(BYTES_BY_STATE * count)?;
        self.class = vec![OPEN; count];
        let in_order = alone(self.graph.components(Edges::All));
        let mut by_name: ByName<u32> = ByName::default();
        for state in in_order {
            if state == OPEN {
                continue;
            }
            // Where a class is missing there is a cycle: all others are known.
            let Some(name) = self.name(state as usize)? else {
                continue;
            };
            self.has_room(map_growth(&by_name))?;
            let class = *by_name.entry(name).or_insert(self.count);
            self.class[state as usize] = class;
            if class == self.count {
                self.count += 1;
                self.edges += self.items.len();
            }
        }
        Some(())
    }

    /// Gives a class to all others.
    fn on_cycles(&mut self) -> Option<()> {
        let all = 0..short(self.graph.states());
        let open = |&state: &u32| self.class[state as usize] == OPEN;
        let count = all.clone().filter(open).count();
        if count == 0 {
            return Some(());
        }
        self.has_room(size_of::<u32>() * (2 * self.graph.states() + count))?;
        let order: Vec<u32> = all.filter(open).collect();
        let mut place = vec![0; self.graph.states()];
        for (at, &state) in order.iter().enumerate() {
            place[state as usize] = short(at);
            self.class[state as usize] = self.count;
        }
        let before = self.before(&order)?;
        let mut parts = Parts {
            first: self.count,
            order,
            place,
            parts: vec![Part {
                start: 0,
                known: short(count),
                end: short(count),
            }],
            todo: vec![0],
        };
        while let Some(part) = parts.todo.pop() {
            self.split(&mut parts, part, &before)?;
        }
        for part in &parts.parts {
            self.name(parts.order[part.start as usize] as usize)?;
            self.edges += self.items.len();
        }
        self.count += short(parts.parts.len());
        Some(())
    }

    /// Tells a part's states apart by what they lead to.
    fn split(&mut self, parts: &mut Parts, number: u32, before: &Before) -> Option<()> {
        let part = parts.parts[number as usize];
        let changed = part.start as usize..part.known as usize;
        // Names, and then the states that get a new class.
        self.has_room(changed.len() * size_of::<(u128, u32)>() + parts.growth())?;
        let mut names = Vec::with_capacity(changed.len());
        for &state in &parts.order[changed] {
            let name = self.name(state as usize)?;
            names.push((name.expect("all have a class by now"), state));
        }
        names.sort_unstable();
        for (at, &(_, state)) in (part.start..).zip(&names) {
            parts.order[at as usize] = state;
            parts.place[state as usize] = at;
        }
        // Whatever didn't change is alike as before, and leads to none of the new
        // classes, to which everything that did change leads.
        let mut pieces = Vec::new();
        let mut start = part.start;
        for piece in names.chunk_by(|one, other| one.0 == other.0) {
            let end = start + short(piece.len());
            pieces.push(start..end);
            start = end;
        }
        drop(names);
        if part.known < part.end {
            pieces.push(part.known..part.end);
        }
        let largest = (0..pieces.len()).max_by_key(|&piece| pieces[piece].len());
        let kept = pieces.swap_remove(largest.expect("no part is empty"));
        parts.parts[number as usize] = Part::new(kept.start, kept.end);
        let mut moved = Vec::new();
        for piece in pieces {
            self.has_room(parts.growth() + 3 * size_of::<u32>() * (moved.len() + piece.len()))?;
            let class = parts.first + short(parts.parts.len());
            parts.parts.push(Part::new(piece.start, piece.end));
            for &state in &parts.order[piece.start as usize..piece.end as usize] {
                self.class[state as usize] = class;
                moved.push(state);
            }
        }
        for state in moved {
            for &from in before.of(state) {
                parts.change(from, self.class[from as usize]);
            }
        }
        Some(())
    }

    /// What leads to each of these states. Nothing that has a class does.
    fn before(&mut self, open: &[u32]) -> Option<Before> {
        let graph = self.graph;
        let first = self.count;
        let class = &self.class;
        let targets = |state: u32| {
            let edges = graph.edges_of(state as usize);
            edges.filter_map(|edge| match edge.to {
                Target::State(to) if class[to] == first => Some(to),
                _ => None,
            })
        };
        let mut starts = vec![0_u32; graph.states() + 1];
        for &state in open {
            for to in targets(state) {
                starts[to] += 1;
            }
        }
        // Ends at first, which filling from the back turns into starts.
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        self.has_room(size_of::<u32>() * sum as usize)?;
        let mut states = vec![0; sum as usize];
        for &state in open {
            for to in targets(state) {
                starts[to] -= 1;
                states[starts[to] as usize] = state;
            }
        }
        Some(Before { starts, states })
    }

    /// What can happen in a state, as far as it is known what it leads to.
    fn name(&mut self, state: usize) -> Option<Option<u128>> {
        self.looked_at = self.looked_at.wrapping_add(1);
        if self.looked_at.is_multiple_of(1024) && !self.bounds.has_time() {
            return None;
        }
        self.items.clear();
        for edge in self.graph.edges_of(state) {
            let to = match edge.to {
                Target::State(to) if self.class[to] == OPEN => return Some(None),
                Target::State(to) => u128::from(self.class[to]),
                Target::End(ending) => ENDS | ending as u128,
            };
            self.items.push(to | what_happens(&edge));
        }
        self.items.sort_unstable();
        self.items.dedup();
        self.bytes.clear();
        for item in &self.items {
            self.bytes.extend_from_slice(&item.to_le_bytes());
        }
        Some(Some(xxh3_128(&self.bytes)))
    }

    fn has_room(&self, more: usize) -> Option<()> {
        (more == 0 || self.bounds.has_memory(more)).then_some(())
    }
}

/// Set where something leads to an ending.
const ENDS: u128 = 1 << 32;

/// What an edge does, above [`ENDS`]. Where two cases of an operation print the
/// same and lead to the same, nobody can tell which it was.
fn what_happens(edge: &Edge) -> u128 {
    let thread = |thread: Option<u16>| thread.map_or(0, |thread| u128::from(thread) + 1);
    (edge.text as u128) << 72
        | thread(edge.thread) << 54
        | thread(edge.with) << 36
        | u128::from(edge.spurious) << 34
        | u128::from(edge.choice.is_some()) << 33
}

/// By component, its only state, or [`OPEN`].
fn alone(component: Vec<u32>) -> Vec<u32> {
    let count = component.iter().max().map_or(0, |&last| last as usize + 1);
    let mut alone = vec![OPEN; count];
    let mut has_any = vec![false; count];
    for (state, component) in component.into_iter().enumerate() {
        let component = component as usize;
        let is_first = !std::mem::replace(&mut has_any[component], true);
        alone[component] = if is_first { short(state) } else { OPEN };
    }
    alone
}

/// States that are not told apart yet.
struct Parts {
    /// The class of the first; each has the next.
    first: u32,
    /// States in order of their parts.
    order: Vec<u32>,
    /// By state, where it is in that order.
    place: Vec<u32>,
    parts: Vec<Part>,
    /// Those in which something has changed.
    todo: Vec<u32>,
}

/// Where the states of a part are.
#[derive(Clone, Copy)]
struct Part {
    start: u32,
    /// Those before this may lead to something else than the others.
    known: u32,
    end: u32,
}

impl Part {
    /// A part whose states lead to the same.
    fn new(start: u32, end: u32) -> Part {
        Part {
            start,
            known: start,
            end,
        }
    }
}

impl Parts {
    /// Notes that a state, of this class, leads to something new.
    fn change(&mut self, state: u32, class: u32) {
        let number = class - self.first;
        let part = &mut self.parts[number as usize];
        let at = self.place[state as usize];
        if at < part.known {
            return;
        }
        if part.known == part.start {
            self.todo.push(number);
        }
        let other = self.order[part.known as usize];
        self.order.swap(at as usize, part.known as usize);
        self.place[other as usize] = at;
        self.place[state as usize] = part.known;
        part.known += 1;
    }

    /// Bytes that one part more may need.
    fn growth(&self) -> usize {
        let is_full = self.parts.len() == self.parts.capacity();
        let size = size_of::<Part>() + size_of::<u32>();
        usize::from(is_full) * 3 * (self.parts.capacity() + 8) * size
    }
}

/// What leads to each state.
struct Before {
    starts: Vec<u32>,
    states: Vec<u32>,
}

impl Before {
    fn of(&self, state: u32) -> &[u32] {
        let state = state as usize;
        &self.states[self.starts[state] as usize..self.starts[state + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use outcomes_protocol::Ending;
    use std::cell::Cell;
    use std::collections::BTreeSet;

    /// There is so much of everything.
    struct Left {
        time: Cell<usize>,
        memory: usize,
    }

    impl Bounds for Left {
        fn has_memory(&self, more: usize) -> bool {
            more <= self.memory
        }

        fn has_time(&self) -> bool {
            let left = self.time.get();
            self.time.set(left.saturating_sub(1));
            left > 0
        }
    }

    fn left(time: usize, memory: usize) -> Left {
        let time = Cell::new(time);
        Left { time, memory }
    }

    fn distinct(graph: &Graph) -> Distinct {
        let found = graph.distinct(&left(usize::MAX, usize::MAX));
        found.expect("there is enough of everything")
    }

    /// Every state is there up to three times, and each edge leads to any of
    /// its target's copies, so that there is much to be found alike. Some edges
    /// are there twice, and some are changed afterwards.
    fn random_graph(seed: u64) -> Graph {
        let mut random = Random::from_seed(seed);
        let mut graph = Graph::new();
        let copies = random.below(3) + 1;
        let states = random.below(5) + 1;
        let goes_back = random.below(3);
        let labels = random.below(3) + 1;
        let changes = random.below(2) * 9;
        for _ in 0..states * copies {
            graph.add_state();
        }
        let texts = ["", "a", "b"].map(|text| graph.add_text(text));
        let endings = [Ending::Returned, Ending::Deadlocked].map(|it| graph.add_ending(&it));
        let small = |number: usize| u16::try_from(number).unwrap();
        for state in 0..states {
            for choice in 0..random.below(4) + 1 {
                let to = match random.below(4) {
                    0 => endings[random.below(2)],
                    1 if goes_back > 0 => Target::State(random.below(states)),
                    _ if state + 1 < states => {
                        Target::State(state + 1 + random.below(states - state - 1))
                    }
                    _ => endings[0],
                };
                let thread = (random.below(6) > 0).then(|| small(random.below(labels)));
                let edge = Edge {
                    to,
                    text: texts[random.below(labels)],
                    choice: (random.below(8) > 0).then(|| small(choice)),
                    thread,
                    case: thread.map(|_| 0),
                    with: thread.filter(|_| random.below(5) == 0).map(|it| it + 1),
                    with_case: None,
                    message: None,
                    spurious: random.below(8) == 0,
                };
                for copy in 0..copies {
                    for again in 0..random.below(3) / 2 + 1 {
                        let to = match edge.to {
                            Target::State(to) => Target::State(to + random.below(copies) * states),
                            end => end,
                        };
                        // What makes no difference.
                        let mut edge = Edge {
                            to,
                            case: edge.case.map(|_| small(again)),
                            choice: edge.choice.map(|_| small(random.below(9))),
                            ..edge
                        };
                        if changes > 0 && random.below(changes) == 0 {
                            match random.below(5) {
                                0 => edge.text = texts[random.below(3)],
                                1 => edge.spurious = !edge.spurious,
                                2 => edge.thread = None,
                                3 => edge.with = Some(7),
                                _ => edge.choice = None,
                            }
                        }
                        graph.add_edge(state + copy * states, edge);
                    }
                }
            }
        }
        graph
    }

    type Label = (String, Option<u16>, Option<u16>, bool, bool);

    fn label(graph: &Graph, edge: &Edge) -> Label {
        let text = graph.texts()[edge.text].to_string();
        let is_chosen = edge.choice.is_some();
        (text, edge.thread, edge.with, edge.spurious, is_chosen)
    }

    /// By the definition: all states are alike until something tells them apart.
    /// By state, the first that is like it.
    fn first_alike(graph: &Graph) -> Vec<usize> {
        let count = graph.states();
        let mut alike = vec![vec![true; count]; count];
        loop {
            let is_matched = |one: usize, other: usize| {
                graph.edges_of(one).all(|edge| {
                    graph.edges_of(other).any(|answer| {
                        let leads_alike = match (edge.to, answer.to) {
                            (Target::State(to), Target::State(there)) => alike[to][there],
                            (to, there) => to == there,
                        };
                        leads_alike && label(graph, &edge) == label(graph, &answer)
                    })
                })
            };
            let told_apart = (0..count)
                .flat_map(|one| (0..count).map(move |other| (one, other)))
                .find(|&(one, other)| {
                    alike[one][other] && !(is_matched(one, other) && is_matched(other, one))
                });
            let Some((one, other)) = told_apart else {
                break;
            };
            alike[one][other] = false;
        }
        let first = |state: usize| (0..count).find(|&other| alike[state][other]);
        (0..count).map(|state| first(state).unwrap()).collect()
    }

    fn by_definition(graph: &Graph) -> Distinct {
        let first = first_alike(graph);
        let states: BTreeSet<usize> = first.iter().copied().collect();
        let mut edges = BTreeSet::new();
        for state in 0..graph.states() {
            for edge in graph.edges_of(state) {
                let to = match edge.to {
                    Target::State(to) => (Some(first[to]), None),
                    Target::End(ending) => (None, Some(ending)),
                };
                edges.insert((first[state], label(graph, &edge), to));
            }
        }
        Distinct {
            states: states.len(),
            edges: edges.len(),
        }
    }

    #[test]
    fn what_is_alike_is_so_by_the_definition() {
        // Without cycles and with; then how many of these were not all different.
        let mut graphs = [0, 0];
        let mut smaller = [0, 0];
        for seed in 0..4000 {
            let graph = random_graph(seed);
            let found = distinct(&graph);
            assert_eq!(found, by_definition(&graph), "graph number {seed}");
            let component = graph.components(Edges::All);
            let has_cycle = (0..graph.states()).any(|state| {
                let mut edges = graph.edges_of(state);
                edges.any(|edge| match edge.to {
                    Target::State(to) => component[to] == component[state],
                    Target::End(_) => false,
                })
            });
            graphs[usize::from(has_cycle)] += 1;
            // Some remain, and some don't.
            let is_between = 1 < found.states && found.states < graph.states();
            smaller[usize::from(has_cycle)] += usize::from(is_between);
        }
        let both = [graphs, smaller].concat();
        assert!(both.iter().all(|&count| count > 500), "{both:?}");
    }

    /// A chain, at whose end it goes on as `last` says.
    fn chain(states: usize, last: Edge) -> Graph {
        let mut graph = Graph::new();
        graph.add_ending(&Ending::Returned);
        for state in 0..states {
            graph.add_state();
            let next = Edge::unchosen(Target::State(state + 1));
            graph.add_edge(state, if state + 1 < states { next } else { last });
        }
        graph
    }

    #[test]
    fn chains_may_be_long() {
        let long = 1_000_000;
        let ends = chain(long, Edge::unchosen(Target::End(0)));
        let all = Distinct {
            states: long,
            edges: long,
        };
        assert_eq!(distinct(&ends), all);
        assert_eq!(all.executions(), 1);
        // Round and round: nobody can tell where.
        let circle = chain(long, Edge::unchosen(Target::State(0)));
        let one = Distinct {
            states: 1,
            edges: 1,
        };
        assert_eq!(distinct(&circle), one);
        // At one place one can.
        let spurious = Edge {
            spurious: true,
            ..Edge::unchosen(Target::State(0))
        };
        assert_eq!(distinct(&chain(long, spurious)), all);
    }

    #[test]
    fn limits_are_kept() {
        for last in [Target::End(0), Target::State(0)] {
            let spurious = Edge {
                spurious: true,
                ..Edge::unchosen(last)
            };
            let graph = chain(3000, spurious);
            assert!(graph.distinct(&left(usize::MAX, 3000 * 64)).is_some());
            for memory in [0, 3000 * BYTES_BY_STATE - 1] {
                assert_eq!(graph.distinct(&left(usize::MAX, memory)), None);
            }
            assert_eq!(graph.distinct(&left(0, usize::MAX)), None);
            assert_eq!(graph.distinct(&left(1, usize::MAX)), None);
        }
    }

    #[test]
    fn nothing_is_nothing() {
        let nothing = distinct(&Graph::new());
        assert_eq!((nothing.states, nothing.edges), (0, 0));
        assert_eq!(nothing.executions(), 1);
    }
}
